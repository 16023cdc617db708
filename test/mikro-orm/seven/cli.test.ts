import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from '../support/engines.js';
import { databasesOf } from '../support/opened.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

describe.each(ENGINES.filter((engine) => engine === 'mariadb'))('the command line on %s', (engine) => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(engine);
    await Promise.all([servers.replica(1).pauseReplay(), servers.replica(2).pauseReplay()]);
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const mikroOrm = async (command: string): Promise<string> => {
    const bin = join(root, 'node_modules/@mikro-orm/cli/cli');
    const { stdout, stderr } = await run(process.execPath, [bin, command], {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NO_COLOR: '1',
        MIKRO_ORM_CLI_PREFER_TS: '0',
        MIKRO_ORM_CLI_CONFIG: join(import.meta.dirname, 'mikro-orm.config.mjs'),
        // two names of one primary, so that a router that takes them in turn has a choice
        TEST_DATABASES: JSON.stringify({
          ...databasesOf(servers),
          'primary-2': { ...databasesOf(servers)['default'], role: 'primary' },
        }),
      },
    });
    return stdout + stderr;
  };

  it('migrates on the primary while the replicas are behind, once', async () => {
    expect(await mikroOrm('migration:pending')).toContain('Once');
    expect(await mikroOrm('migration:up')).toMatch(/migrated/i);
    expect(await mikroOrm('migration:up')).not.toMatch(/applying/i);
    expect(await mikroOrm('migration:list')).toContain('Once');
    expect(Number((await servers.primary.query('select count(*) as n from note'))[0]?.['n'])).toBe(1);
  });

  it('finds the database', async () => {
    expect(await mikroOrm('debug')).toMatch(/database connection successful/i);
  });
});
