import { describe, expect, it } from '@jest/globals';
import { available, startCluster } from '@sluice/testbed';

import { appClient } from './app-client.js';

const galera = { engine: 'galera', replicas: 1 } as const;

describe('Galera', () => {
  if (!available('galera')) {
    it('is refused where it is not installed', async () => {
      await expect(startCluster(galera)).rejects.toMatchObject({ code: 'TESTBED_MISSING_ENGINE' });
    });
    return;
  }

  it('takes writes on every server, and a killed one comes back with what it missed', async () => {
    const cluster = await startCluster(galera);
    expect(Object.entries(cluster.databases).map(([name, { role }]) => [name, role])).toEqual([
      ['default', 'primary'],
      ['primary-2', 'primary'],
    ]);
    const [first, second] = await Promise.all(
      cluster.servers.map((server) => appClient(server.database, { engine: 'galera' })),
    );
    await first!.query('CREATE TABLE notes (id INT PRIMARY KEY)');
    await cluster.caughtUp();
    await second!.query('INSERT INTO notes VALUES (1)');
    await cluster.caughtUp();
    expect(await first!.query('SELECT id FROM notes')).toEqual([{ id: 1 }]);
    await expect(cluster.server('primary-2').pauseReplay()).rejects.toMatchObject({ code: 'TESTBED_ROLE' });
    first!.close();
    second!.close();
    await cluster.stop();
  });
});
