import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine.js';
import { Prober } from '../../src/health/prober.js';
import { questionsOf } from '../../src/health/report.js';
import type { Line, Row } from '../support/servers.js';
import { forbidden, line, mariadbRow, postgresRow, unknownVariable } from '../support/servers.js';
import { thrownBy } from '../support/thrown.js';
import { warnings } from '../support/warnings.js';

const heard = warnings();

interface Asking {
  readonly prober: Prober;
  /** The connections that were opened, in order. */
  readonly lines: Line[];
  ask(signal?: AbortSignal): ReturnType<Prober['ask']>;
}

/** A prober of one server, which answers as it is told. */
function asking(answer: (sql: string) => Row | Promise<Row>, engine: Engine = 'postgres'): Asking {
  const lines: Line[] = [];
  const prober = new Prober({
    database: 'replica-1',
    engine,
    reserve: async (signal) => {
      if (signal.aborted) throw new Error('given up');
      const opened = line(answer);
      lines.push(opened);
      return opened;
    },
  });
  return { prober, lines, ask: (signal = new AbortController().signal) => prober.ask(signal) };
}

const rejecting = (cause: Error): Promise<Row> => Promise.reject(cause);
const lost = (): Error => Object.assign(new Error('Connection terminated unexpectedly'));

describe('a prober', () => {
  it('sends one statement per check, over one connection that it keeps', async () => {
    const { ask, lines, prober } = asking(() => postgresRow());
    expect(prober.connected).toBe(false);
    for (let check = 0; check < 5; check += 1) expect(await ask()).toMatchObject({ writable: true, timeline: 1 });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.sent).toHaveLength(5);
    expect(prober.connected).toBe(true);
  });

  it('closes its connection when a check fails, and opens another one for the next', async () => {
    let fails = true;
    const { ask, lines, prober } = asking(() => (fails ? rejecting(lost()) : postgresRow()));
    expect((await thrownBy(() => ask())).message).toBe('Connection terminated unexpectedly');
    expect(lines.map(({ closed }) => closed)).toEqual([true]);
    expect(prober.connected).toBe(false);
    fails = false;
    await ask();
    expect(lines.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('closes its connection when a check is given up that has no answer', async () => {
    const { ask, lines, prober } = asking(() => new Promise(() => {}));
    const abort = new AbortController();
    const asked = thrownBy(() => ask(abort.signal));
    while (lines[0]?.sent.length !== 1) await Promise.resolve();
    abort.abort();
    expect((await asked).message).toBe('the connection was closed');
    expect(lines.map(({ closed }) => closed)).toEqual([true]);
    expect(prober.connected).toBe(false);
  });

  it('leaves no connection open that came about after the check was given up', async () => {
    const abort = new AbortController();
    const opened = line(() => postgresRow());
    const prober = new Prober({
      database: 'replica-1',
      engine: 'postgres',
      reserve: () => {
        abort.abort();
        return Promise.resolve(opened);
      },
    });
    expect((await thrownBy(() => prober.ask(abort.signal))).message).toBe('the check was given up');
    expect(opened).toMatchObject({ closed: true, sent: [] });
    expect(prober.connected).toBe(false);
  });

  it('is not closed by the signal of a check that is over', async () => {
    const { ask, lines } = asking(() => postgresRow());
    const abort = new AbortController();
    await ask(abort.signal);
    abort.abort();
    expect(lines[0]?.closed).toBe(false);
  });

  it('closes its connection when it is closed, and opens another one when it is asked again', async () => {
    const { ask, lines, prober } = asking(() => postgresRow());
    prober.close();
    await ask();
    prober.close();
    expect(lines.map(({ closed }) => closed)).toEqual([true]);
    await ask();
    expect(lines).toHaveLength(2);
  });
});

describe('a prober that lacks a privilege', () => {
  it.each<[Engine, number, () => Error, Row]>([
    ['postgres', 1, forbidden, { standby: true }],
    ['postgres', 2, forbidden, { one: 1 }],
    ['mysql', 1, unknownVariable, { ro: 1 }],
    ['mysql', 2, unknownVariable, { one: 1 }],
  ])(
    'falls back to what %s answers (question %i), stays there, and says so once',
    async (engine, level, error, row) => {
      const questions = questionsOf(engine).map(({ sql }) => sql);
      const { ask, lines } = asking((sql) => (questions.indexOf(sql) < level ? rejecting(error()) : row), engine);
      for (let check = 0; check < 3; check += 1) {
        expect(await ask()).toMatchObject({ writable: level === 1 ? false : undefined, position: undefined });
      }
      expect(lines).toHaveLength(1);
      const asked = lines[0]?.sent.map((sql) => questions.indexOf(sql));
      expect(asked).toEqual(level === 1 ? [0, 1, 1, 1] : [0, 1, 2, 2, 2]);
      expect(heard.map(({ code }) => code)).toEqual(['SLUICE_NO_POSITION']);
      expect(heard[0]?.message).toContain('replica-1 does not say how far it has come');
      expect(heard[0]?.message).toContain(error().message);
    },
  );

  it('is none where the connection was lost: the whole question is asked again', async () => {
    let fails = true;
    const { ask, lines } = asking(() => (fails ? rejecting(lost()) : postgresRow()));
    await thrownBy(() => ask());
    fails = false;
    expect(await ask()).toMatchObject({ timeline: 1 });
    expect(lines[1]?.sent).toEqual([questionsOf('postgres')[0]?.sql]);
    expect(heard).toEqual([]);
  });

  it('fails where even the least is not answered', async () => {
    const { ask, lines, prober } = asking(() => rejecting(forbidden()));
    expect((await thrownBy(() => ask())).message).toContain('permission denied');
    expect(lines[0]).toMatchObject({ closed: true });
    expect(prober.connected).toBe(false);
  });
});

describe('a prober of Galera', () => {
  it('fails while the node is not ready, asks for no less, and warns of nothing', async () => {
    let ready = 'OFF';
    const { ask, lines } = asking(() => mariadbRow({ wsrep: 'Galera', wsrep_ready: ready }), 'mysql');
    expect(await thrownBy(() => ask())).toMatchObject({ errno: 1047 });
    expect(lines[0]?.sent).toHaveLength(1);
    ready = 'ON';
    expect(await ask()).toMatchObject({ writable: true, server: 'db:3306:1' });
    expect(heard).toEqual([]);
  });
});
