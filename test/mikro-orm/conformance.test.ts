import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Rig } from '@sluice/core/testing';
import { conformance } from '@sluice/core/testing';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import { makeNotes, mikroOrmRig } from './support/mikro-orm-rig.js';
import { isVersion6 } from './support/opened.js';

describe.each(ENGINES)('on %s', (engine) => {
  let servers: Servers;
  let rig: Rig;
  beforeAll(async () => {
    servers = await startServers(engine);
    await makeNotes(servers);
    rig = mikroOrmRig(servers);
  });
  afterAll(async () => {
    await servers?.stop();
  });

  conformance({ it: (name, body) => it(name, body), rig: () => rig, lacks: isVersion6 ? ['stream'] : [] });
});
