import { afterEach, describe, expect, it } from '@jest/globals';
import { available, type ClusterOptions, startCluster } from '@sluice/testbed';

import { missingEngines } from './engines.js';

const environment = { ...process.env };

describe('a missing engine', () => {
  afterEach(() => {
    process.env = { ...environment };
  });

  it.each([
    ['mariadb', 'SLUICE_MARIADBD', 'apt-get install mariadb-server-core'],
    ['postgres', 'SLUICE_POSTGRES_BIN', 'SLUICE_POSTGRES_BIN is "/nowhere", which holds no initdb and postgres'],
    ['mysql', 'SLUICE_MYSQL_ROOT', 'unpack its packages into a folder and set SLUICE_MYSQL_ROOT'],
    ['galera', 'SLUICE_MARIADBD', 'apt-get install'],
  ] as const)('is told with the way to get it: %s', async (engine, variable, way) => {
    process.env[variable] = '/nowhere';
    expect(available(engine)).toBe(false);
    await expect(startCluster({ engine })).rejects.toMatchObject({
      code: 'TESTBED_MISSING_ENGINE',
      message: expect.stringContaining(way),
    });
  });

  it('is told of every engine that this machine lacks', async () => {
    for (const { options } of missingEngines) {
      await expect(startCluster(options)).rejects.toMatchObject({ code: 'TESTBED_MISSING_ENGINE' });
    }
  });
});

describe('a wrong option', () => {
  it.each([
    [{ engine: 'oracle' }, 'startCluster: engine must be mariadb, mysql, galera, postgres; got oracle'],
    [{ engine: 'mariadb', replicas: -1 }, 'startCluster: replicas must be a whole number from 0 to 9; got -1'],
    [{ engine: 'mariadb', maxConnections: 9 }, 'maxConnections must be a whole number from 10 to 1000; got 9'],
    [{ engine: 'mariadb', binaries: 'npm' }, 'binaries must be set for the engine "postgres" only; got mariadb'],
    [{ engine: 'mariadb', replica: 1 }, 'unknown option "replica"; did you mean "replicas"?'],
  ])('is refused before anything starts: %j', async (options, message) => {
    await expect(startCluster(options as ClusterOptions)).rejects.toMatchObject({
      code: 'TESTBED_OPTION',
      message: expect.stringContaining(message),
    });
  });
});
