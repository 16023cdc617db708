import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Rig } from '@sluice/core/testing';
import { conformance } from '@sluice/core/testing';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import { makeNotes, typeormRig } from './support/typeorm-rig.js';

describe.each(ENGINES)('on %s', (engine) => {
  let servers: Servers;
  let rig: Rig;
  beforeAll(async () => {
    servers = await startServers(engine);
    await makeNotes(servers);
    rig = typeormRig(servers);
  });
  afterAll(async () => {
    await servers?.stop();
  });

  conformance({ it: (name, body) => it(name, body), rig: () => rig });
});
