import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine.js';
import type { Report } from '../../src/health/report.js';
import { questionsOf } from '../../src/health/report.js';
import type { Row } from '../support/servers.js';
import { mariadbRow, mysqlRow, postgresRow } from '../support/servers.js';

const read = (engine: Engine, row: Row, level = 0): Report => {
  const question = questionsOf(engine)[level];
  if (question === undefined) throw new Error(`${engine} is asked fewer questions`);
  return question.read(row);
};
const standby = { standby: true, timeline: null, position: '990' };

describe('a server', () => {
  it.each<[string, Engine, Row, Partial<Report>]>([
    [
      'PostgreSQL, a primary',
      'postgres',
      postgresRow(),
      { writable: true, replicating: false, promoted: false, timeline: 1 },
    ],
    [
      'PostgreSQL, a standby',
      'postgres',
      postgresRow(standby),
      { writable: false, replicating: true, promoted: undefined, timeline: undefined },
    ],
    [
      'PostgreSQL, a standby by a driver that makes text of everything',
      'postgres',
      postgresRow({ ...standby, standby: 't' }),
      { writable: false },
    ],
    [
      'PostgreSQL, a primary whose transactions are read only by default',
      'postgres',
      postgresRow({ read_only: true }),
      { writable: false, replicating: false },
    ],
    ['PostgreSQL, promoted', 'postgres', postgresRow({ timeline: 2 }), { writable: true, promoted: true, timeline: 2 }],
    ['MariaDB, a primary', 'mysql', mariadbRow(), { writable: true, replicating: false, promoted: false }],
    [
      'MariaDB, a replica',
      'mysql',
      mariadbRow({ ro: 1, applied: '0-1-9', running: '1' }),
      { writable: false, replicating: true, promoted: true },
    ],
    [
      'MariaDB, a replica that is not read only',
      'mysql',
      mariadbRow({ applied: '0-1-9', running: '1' }),
      { writable: true, replicating: true },
    ],
    ['MariaDB, read only as text', 'mysql', mariadbRow({ ro: 'ON' }), { writable: false }],
    ['MariaDB, read only as a big integer', 'mysql', mariadbRow({ ro: 1n }), { writable: false }],
    ['MariaDB, started with innodb_read_only', 'mysql', mariadbRow({ engine_ro: 1 }), { writable: false }],
    ['MySQL, a primary', 'mysql', mysqlRow(), { writable: true, replicating: undefined, promoted: undefined }],
    ['MySQL, a replica', 'mysql', mysqlRow({ ro: 1 }), { writable: false, replicating: undefined }],
    [
      'a server of Aurora, whose reader says so by innodb_read_only',
      'mysql',
      mysqlRow({ engine_ro: 1 }),
      { writable: false },
    ],
  ])('is told: %s', (_what, engine, row, report) => {
    expect(read(engine, row)).toMatchObject(report);
  });

  it.each<[string, Engine, Row, Record<string, number> | undefined]>([
    ['PostgreSQL', 'postgres', postgresRow(), { wal: 1_000 }],
    ['PostgreSQL that has replayed nothing', 'postgres', postgresRow({ position: null }), undefined],
    ['MariaDB', 'mysql', mariadbRow({ reached: '0-1-10,1-1-3' }), { 0: 10, 1: 3 }],
    ['MariaDB without a binary log', 'mysql', mariadbRow({ reached: '' }), undefined],
    ['MySQL', 'mysql', mysqlRow(), { a: 10 }],
    ['MySQL without GTIDs', 'mysql', mysqlRow({ executed: '' }), undefined],
  ])('says how far it has come: %s', (_what, engine, row, position) => {
    const found = read(engine, row).position;
    expect(found && Object.fromEntries(found)).toEqual(position);
  });

  it('says which server it is, and of which family', () => {
    expect(read('postgres', postgresRow())).toMatchObject({ server: 'started 5432', family: '7' });
    expect(read('mysql', mysqlRow())).toMatchObject({ server: 'db:3306:1', family: undefined });
    expect(read('postgres', postgresRow({ server: '', family: null }))).toMatchObject({
      server: undefined,
      family: undefined,
    });
  });
});

describe('a node of Galera', () => {
  it('that has lost the others can serve nothing, although it answers', () => {
    const row = mariadbRow({ wsrep: 'Galera', wsrep_ready: 'OFF' });
    expect(() => read('mysql', row)).toThrow(expect.objectContaining({ errno: 1047 }));
  });

  it('serves while it is with the others', () => {
    expect(read('mysql', mariadbRow({ wsrep: 'Galera', wsrep_ready: 'ON' })).writable).toBe(true);
  });

  it('is no server without Galera, which says OFF, too', () => {
    expect(read('mysql', mariadbRow({ wsrep: '', wsrep_ready: 'OFF' })).writable).toBe(true);
    expect(read('mysql', mariadbRow({ wsrep: null, wsrep_ready: null })).writable).toBe(true);
  });
});

describe('a lesser question', () => {
  it.each<[Engine, Row, Partial<Report>]>([
    ['postgres', { standby: true }, { writable: false, replicating: true }],
    ['postgres', { standby: false }, { writable: true, replicating: false }],
    ['mysql', { ro: 1 }, { writable: false, replicating: undefined }],
    ['mysql', { ro: 0 }, { writable: true, replicating: undefined }],
  ])('of %s tells the role alone: %p', (engine, row, report) => {
    expect(read(engine, row, 1)).toEqual(
      expect.objectContaining({ ...report, position: undefined, promoted: undefined }),
    );
  });

  it.each<Engine>(['postgres', 'mysql'])('of %s tells nothing but that it is alive', (engine) => {
    const last = questionsOf(engine).at(-1);
    expect(last?.sql).toBe('SELECT 1');
    expect(Object.values(last?.read({}) ?? { none: 1 }).every((value) => value === undefined)).toBe(true);
  });
});
