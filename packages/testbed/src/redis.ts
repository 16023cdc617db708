import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';

import { Daemon } from './daemon.js';
import { TestbedError } from './errors.js';
import { freePorts, releasePorts } from './free-ports.js';
import { Reaper } from './reaper.js';
import { temporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

/** A Redis server on loopback that keeps nothing on disk. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** The process is gone at once, with all it held, and its port refuses. */
  kill(): Promise<void>;
  /** Connections stay open, and nothing is answered. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Starts it again after `kill()`, empty, on the same port. */
  restart(): Promise<void>;
  /** Ends it, in whatever state it is. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis server that dies with this process.
 * @throws TestbedError `TESTBED_MISSING_ENGINE` where `redis-server` is not installed
 */
export async function startRedis(): Promise<RedisServer> {
  const file = findRedis();
  if (file === undefined) {
    throw new TestbedError(
      'TESTBED_MISSING_ENGINE',
      'no redis-server was found on this machine; on Debian and Ubuntu: apt-get install redis-server',
    );
  }
  const folder = temporaryFolder();
  const reaper = new Reaper(folder);
  const [port = 0] = await freePorts(1);
  const cwd = join(folder, 'redis');
  mkdirSync(cwd);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', cwd];
  const start = async (): Promise<Daemon> => {
    const started = new Daemon({ file, args, cwd, log: join(folder, 'redis.log') });
    await until(() => answers(port, started), { what: `redis-server answers on port ${port}`, everyMs: 5 });
    return started;
  };
  let daemon = await start();
  return {
    host: '127.0.0.1',
    port,
    kill: () => daemon.kill(),
    freeze: () => daemon.freeze(),
    thaw: () => daemon.thaw(),
    async restart() {
      await daemon.kill();
      daemon = await start();
    },
    async stop() {
      await daemon.kill();
      await reaper.reap();
      releasePorts([port]);
    },
  };
}

/** Can `startRedis` start a server here? */
export function hasRedis(): boolean {
  return findRedis() !== undefined;
}

/** `SLUICE_REDIS`, else where the system keeps it; undefined if there is none. */
function findRedis(): string | undefined {
  const folders = ['/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean)];
  const asked = process.env['SLUICE_REDIS'];
  const files = asked === undefined ? folders.map((folder) => join(folder, 'redis-server')) : [asked];
  return files.find((file) => existsSync(file));
}

/** @throws TestbedError `TESTBED_START` if the server has ended */
function answers(port: number, daemon: Daemon): Promise<boolean> {
  if (daemon.ended !== undefined) {
    throw new TestbedError('TESTBED_START', `redis-server ended (${daemon.ended}): ${daemon.lastWords}`);
  }
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.write('PING\r\n');
  });
}
