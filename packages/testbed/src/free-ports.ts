import { createServer } from 'node:net';

import { TestbedError } from './errors.js';

/**
 * Below the ports a system gives to outgoing connections (Linux from 32768, macOS from 49152): a port from there could
 * be taken by any client while its server is down, and a client that connects to a dead server could reach itself.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Ports already promised to a cluster of this process, whose server may not listen yet. */
const promised = new Set<number>();

/** Ports on loopback where nobody listens. Another process may still be quicker: be ready to ask again. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 1_000) throw new TestbedError('TESTBED_START', `no free port between ${LOWEST} and ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (promised.has(port)) continue;
    promised.add(port);
    if (await isFree(port)) ports.push(port);
    else promised.delete(port);
  }
  return ports;
}

export function releasePorts(ports: readonly number[]): void {
  for (const port of ports) promised.delete(port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen({ port, host: '127.0.0.1', exclusive: true }, () => listener.close(() => resolve(true)));
  });
}
