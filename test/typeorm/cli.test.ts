import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import { databasesOf } from './support/opened.js';
import { type CliProject, cliProject } from './support/typeorm-cli.js';
import { typeormVersion } from './support/typeorm-version.js';

/** Tells in the log of the command where each statement goes. */
const dataSourceFile = (type: string, databases: object): string => `
import { EntitySchema } from 'typeorm';
import { RoutedDataSource } from '@sluice/typeorm';
import { CreateNotes1700000000001 } from './migration.mjs';

const note = new EntitySchema({
  name: 'note',
  columns: { id: { type: Number, primary: true }, body: { type: String, length: 20 }, later: { type: Number, nullable: true } },
});
const dataSource = new RoutedDataSource(
  { type: '${type}', entities: [note], migrations: [CreateNotes1700000000001] },
  { databases: ${JSON.stringify(databases)} },
);
dataSource.cluster.on('route', ({ database, intent }) => console.log('routed', intent, 'to', database));
export default dataSource;
`;

const migrationFile = `
export class CreateNotes1700000000001 {
  name = 'CreateNotes1700000000001';
  async up(runner) {
    await runner.query('CREATE TABLE note (id int PRIMARY KEY, body varchar(20))');
    await runner.query("INSERT INTO note VALUES (1, 'first')");
  }
  async down(runner) {
    await runner.query('DROP TABLE note');
  }
}
`;

describe.each(ENGINES)('TypeORM’s CLI on %s', (engine) => {
  let servers: Servers;
  let project: CliProject;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    project = cliProject();
    project.write('migration.mjs', migrationFile);
    project.write(
      'data-source.mjs',
      dataSourceFile(engine === 'mariadb' ? 'mariadb' : 'postgres', databasesOf(servers)),
    );
  });
  afterAll(async () => {
    project?.remove();
    await servers?.stop();
  });
  beforeEach(() => servers.caughtUp());

  const run = (...command: string[]) => project.run(...command, '-d', 'data-source.mjs');
  const routes = (output: string): Set<string> => new Set(output.match(/(?<=routed \w+ to )\S+/g));
  const tables = async (name: string): Promise<string[]> => {
    const schema = engine === 'mariadb' ? "'app'" : "'public'";
    const rows = await servers
      .server(name)
      .query(`SELECT table_name AS t FROM information_schema.tables WHERE table_schema = ${schema} ORDER BY 1`);
    return rows.map(({ t }) => String(t));
  };

  it('is the one of the TypeORM under test', async () => {
    expect((await project.run('--version')).output.trim()).toBe(typeormVersion);
  });

  it('migration:show looks the migrations up on the primary, and ends by itself', async () => {
    const { code, signal, output } = await run('migration:show');
    expect(output).toContain('[ ] CreateNotes1700000000001');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(routes(output)).toEqual(new Set(['default']));
  });

  it('migration:run changes the primary, and the replica follows', async () => {
    const { code, signal, output } = await run('migration:run');
    expect(output).toContain('has been executed successfully');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(routes(output)).toEqual(new Set(['default']));
    expect(await tables('default')).toEqual(['migrations', 'note']);
    await servers.caughtUp();
    expect(await tables('replica-1')).toEqual(['migrations', 'note']);
    expect((await run('migration:show')).output).toMatch(/\[X\].*CreateNotes1700000000001/);
  });

  it('schema:log works out on the primary what is missing, and changes nothing', async () => {
    const { code, signal, output } = await run('schema:log');
    expect(output).toMatch(/ALTER TABLE .*note.* ADD .*later/);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(routes(output)).toEqual(new Set(['default']));
  });

  it('query answers from the primary', async () => {
    const port = engine === 'mariadb' ? '@@port' : 'inet_server_port()';
    const { code, signal, output } = await run('query', `SELECT body, ${port} AS port FROM note`);
    expect(output).toContain('first');
    expect(output).toContain(String(servers.primary.port));
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(routes(output)).toEqual(new Set(['default']));
  });

  it('migration:revert undoes it on the primary, and the replica follows', async () => {
    const { code, signal, output } = await run('migration:revert');
    expect(output).toContain('has been reverted successfully');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(routes(output)).toEqual(new Set(['default']));
    await servers.caughtUp();
    expect([await tables('default'), await tables('replica-1')]).toEqual([['migrations'], ['migrations']]);
  });

  it('schema:sync and schema:drop change the primary, and the replica follows', async () => {
    const synced = await run('schema:sync');
    expect([synced.code, routes(synced.output)]).toEqual([0, new Set(['default'])]);
    await servers.caughtUp();
    expect(await tables('replica-1')).toEqual(['migrations', 'note']);
    const dropped = await run('schema:drop');
    expect([dropped.code, routes(dropped.output)]).toEqual([0, new Set(['default'])]);
    await servers.caughtUp();
    expect(await tables('replica-1')).toEqual([]);
  });

  it('works while a replica is down', async () => {
    await servers.replica(1).stop();
    try {
      const { code, signal, output } = await run('migration:run');
      expect(output).toContain('has been executed successfully');
      expect({ code, signal }).toEqual({ code: 0, signal: null });
    } finally {
      await servers.replica(1).restart();
    }
  });

  it('fails, and ends by itself, while no server answers', async () => {
    await servers.replica(1).stop();
    await servers.primary.stop();
    try {
      const { code, signal, output } = await run('migration:run');
      expect(output).toContain('SLUICE_NO_DATABASE');
      expect({ code, signal }).toEqual({ code: 1, signal: null });
    } finally {
      await servers.primary.restart();
      await servers.replica(1).restart();
    }
  });
});
