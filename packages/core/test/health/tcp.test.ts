import { getEventListeners } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { probeTcp } from '../../src/health/tcp.js';
import { turns } from '../support/turns.js';
import { blackHole, deadPort, HOST, listener } from '../support/listeners.js';

const never = new AbortController().signal;
const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

describe('probeTcp()', () => {
  it('says alive where somebody listens on a port', async () => {
    const { port, close } = await listener();
    expect(await probeTcp({ host: HOST, port }, 1_000, never)).toEqual({ kind: 'alive' });
    await close();
  });

  it('says alive where somebody listens on a path', async () => {
    const path = join(tmpdir(), `sluice-${process.pid}-${Date.now()}.sock`);
    const { close } = await listener({ path });
    expect(await probeTcp({ path }, 1_000, never)).toEqual({ kind: 'alive' });
    await close();
  });

  it('says refused where nobody listens', async () => {
    const port = await deadPort();
    expect(await probeTcp({ host: HOST, port }, 1_000, never)).toEqual({
      kind: 'refused',
      error: `connect ECONNREFUSED ${HOST}:${port}`,
    });
  });

  it('says silent where there is no such path', async () => {
    const reading = await probeTcp({ path: join(tmpdir(), 'sluice-nobody.sock') }, 1_000, never);
    expect(reading).toEqual({ kind: 'silent', error: expect.stringContaining('ENOENT') });
  });

  it('says silent after its limit where no answer comes at all', async () => {
    const { port, close } = await blackHole();
    expect(await probeTcp({ host: HOST, port }, 50, never)).toEqual({
      kind: 'silent',
      error: 'no TCP connection within 50 ms',
    });
    await close();
  });

  it.each(['before', 'after'])('is given up at once by a signal that is aborted %s it has begun', async (when) => {
    const { port, close } = await blackHole();
    const stopping = new AbortController();
    if (when === 'before') stopping.abort();
    const probing = probeTcp({ host: HOST, port }, 600_000, stopping.signal);
    stopping.abort();
    expect(await probing).toEqual({ kind: 'silent', error: 'the check was given up' });
    await close();
  });

  it('listens to its signal no longer than it takes', async () => {
    const { signal } = new AbortController();
    await probeTcp({ host: HOST, port: await deadPort() }, 1_000, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('leaves no connection', async () => {
    const { port, close } = await listener();
    const before = sockets();
    for (let probe = 0; probe < 5; probe += 1) await probeTcp({ host: HOST, port }, 1_000, never);
    await close();
    await turns(3);
    expect(sockets()).toBeLessThanOrEqual(before);
  });
});
