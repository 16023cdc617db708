import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';

export const HOST = '127.0.0.1';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Somebody who listens at this port or path, and hangs up on whoever comes. */
export async function listener(
  at: { readonly port: number } | { readonly path: string } = { port: 0 },
): Promise<Listener> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    server.listen('path' in at ? at : { ...at, host: HOST }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** A port where somebody listened until just now. */
export async function deadPort(): Promise<number> {
  const { port, close } = await listener();
  await close();
  return port;
}

/** Listens and falls asleep, so that its queue fills and the kernel drops whoever comes next. */
const SLEEPER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '${HOST}', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** A port from which no answer comes, not even a refusal. */
export async function blackHole(): Promise<Listener> {
  const worker = new Worker(SLEEPER, { eval: true });
  const port = await new Promise<AddressInfo['port']>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const queued = Array.from({ length: 8 }, () => connect({ host: HOST, port }).on('error', () => {}));
  // the queue holds two; by the time that a third has been refused an answer, it is full
  await new Promise((resolve) => {
    let connected = 0;
    for (const socket of queued) {
      socket.once('connect', () => {
        connected += 1;
        if (connected === 2) setImmediate(resolve);
      });
    }
  });
  return {
    port,
    close: async () => {
      for (const socket of queued) socket.destroy();
      await worker.terminate();
    },
  };
}
