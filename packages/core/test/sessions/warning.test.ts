import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { runInSession, withoutPinning } from '../../src/scopes.js';
import { read, rig, write } from '../support/rig.js';
import { warnings } from '../support/warnings.js';

describe('a write outside a session under a pinning router', () => {
  const heard = warnings();

  it('says so once, and how to open one', async () => {
    const { cluster } = rig({ name: 'shop', router: new PinningReplicaRouter() });
    await write(cluster);
    await write(cluster);
    expect(heard).toEqual([
      {
        message:
          'cluster shop pins sessions, but a write was sent outside any; open one per request or job with runInSession',
        code: 'SLUICE_NO_SESSION',
      },
    ]);
  });

  it('says so for each cluster', async () => {
    await write(rig({ name: 'shop', router: new PinningReplicaRouter() }).cluster);
    await write(rig({ name: 'billing', router: new PinningReplicaRouter() }).cluster);
    expect(heard.map(({ message }) => message.slice(0, 15))).toEqual(['cluster shop pi', 'cluster billing']);
  });

  it('pins nothing: reads follow the router', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter() });
    await write(cluster);
    expect(await read(cluster)).toMatch(/^replica/);
  });
});

describe('nothing is said', () => {
  const heard = warnings();

  it.each([
    ['about a read outside a session', () => read(rig({ router: new PinningReplicaRouter() }).cluster)],
    [
      'about a write in a session',
      () => runInSession(() => write(rig({ router: new PinningReplicaRouter() }).cluster)),
    ],
    [
      'about a write that is not to pin',
      () => withoutPinning(() => write(rig({ router: new PinningReplicaRouter() }).cluster)),
    ],
    ['under a router that does not pin', () => write(rig({ router: new ReplicaRouter() }).cluster)],
  ])('%s', async (_what, work) => {
    await work();
    expect(heard).toEqual([]);
  });
});
