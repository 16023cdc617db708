import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { type Server, startCluster } from '@sluice/testbed';

import { engines } from './engines.js';
import { eventually } from './eventually.js';
import { processesIn } from './processes-in.js';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

describe.each(engines)('$title', ({ options }) => {
  it('leaves neither a process nor a folder after stop(), however often it is called', async () => {
    const cluster = await startCluster({ ...options, replicas: 1 });
    expect(processesIn(cluster.folder).length).toBeGreaterThanOrEqual(2);
    await Promise.all([cluster.stop(), cluster.stop()]);
    expect(processesIn(cluster.folder)).toEqual([]);
    expect(existsSync(cluster.folder)).toBe(false);
    await cluster.stop();
    await expect(cluster.primary.restart()).rejects.toThrow('the cluster is stopped: start a new one');
  });

  it('stops quickly with a server killed, one frozen and one paused', async () => {
    const cluster = await startCluster({ ...options, replicas: 3 });
    await cluster.replica(1).kill();
    await cluster.replica(2).freeze();
    await cluster.replica(3).pauseReplay();
    await cluster.primary.freeze();
    const begin = performance.now();
    await cluster.stop();
    expect(performance.now() - begin).toBeLessThan(2_000);
    expect(processesIn(cluster.folder)).toEqual([]);
    expect(existsSync(cluster.folder)).toBe(false);
  });

  it('ends with the process that started it, also when that is killed and a server is frozen', async () => {
    const program = `
      import { startCluster } from '@sluice/testbed';
      const cluster = await startCluster(${JSON.stringify({ ...options, replicas: 1 })});
      await cluster.replica(1).freeze();
      console.log(cluster.folder);
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const folder = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
      child.once('exit', () => reject(new Error('it ended before it had started a cluster')));
    });
    expect(processesIn(folder).length).toBeGreaterThanOrEqual(2);
    child.kill('SIGKILL');
    await ended;
    await eventually(() => processesIn(folder).length === 0 && !existsSync(folder));
  });

  it('does not keep a process alive that forgot to stop it', async () => {
    const program = `
      import { startCluster } from '@sluice/testbed';
      console.log((await startCluster(${JSON.stringify({ ...options, replicas: 0 })})).folder);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    let folder = '';
    child.stdout.on('data', (line: Buffer) => (folder += line.toString().trim()));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    await eventually(() => processesIn(folder).length === 0 && !existsSync(folder));
  });
});

describe.each(engines.filter(({ options }) => options.engine === 'postgres'))('$title', ({ options }) => {
  const segments = (): readonly string[] => readFileSync('/proc/sysvipc/shm', 'utf8').split('\n');
  const segmentOf = (server: Server, folder: string): string => {
    const lock = readFileSync(join(folder, server.name, 'postmaster.pid'), 'utf8').split('\n');
    return lock[6]!.trim().split(/\s+/)[1]!;
  };
  const exists = (segment: string): boolean => segments().some((line) => line.trim().split(/\s+/)[1] === segment);

  it('gives back the shared memory of servers that were killed', async () => {
    if (!existsSync('/proc/sysvipc/shm')) return; // only Linux shows it
    const cluster = await startCluster({ ...options, replicas: 1 });
    const [first, second] = cluster.servers.map((server) => segmentOf(server, cluster.folder));
    expect([exists(first!), exists(second!)]).toEqual([true, true]);
    await cluster.primary.kill();
    expect([exists(first!), exists(second!)]).toEqual([false, true]);
    await cluster.stop();
    expect(exists(second!)).toBe(false);
  });
});

it('is stopped at the end of a block that declares it with "await using"', async () => {
  const cluster = await startCluster({ ...engines[0]!.options, replicas: 0 });
  await cluster[Symbol.asyncDispose]();
  expect(existsSync(cluster.folder)).toBe(false);
});
