import { join } from 'node:path';

import { Cluster } from './cluster.js';
import { type ClusterOptions, checkClusterOptions } from './cluster-options.js';
import { createEngine } from './create-engine.js';
import type { Engine } from './engine.js';
import type { Place } from './place.js';
import { TestbedError } from './errors.js';
import { freePorts, releasePorts } from './free-ports.js';
import { Group } from './group.js';
import { Instance } from './instance.js';
import { Reaper } from './reaper.js';
import { template } from './template.js';
import { temporaryFolder } from './temporary-folder.js';

/** How often another process may take one of our ports between the look and the start. */
const ATTEMPTS = 5;

/** Starts a primary and its replicas; resolves when all of them replicate. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  checkClusterOptions(options);
  const engine = createEngine(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(engine, 1 + (options.replicas ?? 2));
    } catch (error) {
      if (attempt === ATTEMPTS || !isPortClash(error)) throw error;
    }
  }
}

async function start(engine: Engine, count: number): Promise<Cluster> {
  const folder = temporaryFolder();
  const reaper = new Reaper(folder);
  const ports = await freePorts(count * engine.portsPerServer);
  let group: Group | undefined;
  const clear = async (): Promise<void> => {
    await group?.tearDown();
    await reaper.reap();
    releasePorts(ports);
  };
  try {
    const archive = await template(engine, folder);
    const instance = (index: number): Instance =>
      new Instance({ engine, archive, place: place({ engine, folder, ports, index }) });
    const others = Array.from({ length: count - 1 }, (_, index) => instance(index + 1));
    group = new Group(engine, [instance(0), ...others]);
    await group.start();
    return new Cluster({ folder, group, clear });
  } catch (error) {
    await clear();
    throw error;
  }
}

function place(from: { engine: Engine; folder: string; ports: readonly number[]; index: number }): Place {
  const { engine, folder, index } = from;
  const first = index * engine.portsPerServer;
  const name = index === 0 ? 'default' : engine.replication ? `replica-${index}` : `primary-${index + 1}`;
  const ports = from.ports.slice(first, first + engine.portsPerServer) as [number, ...number[]];
  return { name, ports, id: 1 + index, folder: join(folder, name) };
}

/** What mariadbd, mysqld and postgres say then. */
function isPortClash(error: unknown): boolean {
  const isStart = error instanceof TestbedError && error.code === 'TESTBED_START';
  return isStart && /address already in use/i.test(error.message);
}
