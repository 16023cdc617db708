import { connect } from 'node:net';
import type { Reading } from './verdict.js';

/** Where a database listens: a port of a host, or a socket's path. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** A TCP connect, given up after `timeoutMs`. Says that somebody listens there, and nothing about what it serves. */
export function probeTcp(address: Address, timeoutMs: number, signal: AbortSignal): Promise<Reading> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: timeoutMs });
    const settle = (reading: Reading): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(reading);
    };
    const abort = (): void => settle({ kind: 'silent', error: 'the check was given up' });
    // not by connect's own `signal`: that listens on for as long as the signal lives, and this one outlives its sockets
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    socket.unref();
    socket.once('connect', () => settle({ kind: 'alive' }));
    socket.once('timeout', () => settle({ kind: 'silent', error: `no TCP connection within ${timeoutMs} ms` }));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      settle({ kind: error.code === 'ECONNREFUSED' ? 'refused' : 'silent', error: error.message });
    });
  });
}
