import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';
import type { TypeOrmDatabase } from '@sluice/typeorm';
import { databasesOf, routed } from './opened.js';
import type { Scene } from './scene.js';
import { EveryPrimary } from './two-primaries.js';

/** A server beside a scene's that is a primary too and knows nothing of the other. */
export class SecondPrimary {
  readonly #scene: Scene;
  #servers: Servers | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get servers(): Servers {
    if (this.#servers === undefined) throw new Error('the servers are started in beforeAll');
    return this.#servers;
  }

  /** Both primaries: `default` and `primary-2`. */
  get databases(): Record<string, TypeOrmDatabase> {
    const [first, second] = [databasesOf(this.#scene.servers), databasesOf(this.servers)];
    return { default: first['default'] as TypeOrmDatabase, 'primary-2': second['default'] as TypeOrmDatabase };
  }

  async start(): Promise<void> {
    this.#servers = await startCluster({ engine: this.#scene.engine, replicas: 0 });
    const { databases } = this;
    const source = await routed(this.#scene.servers, { databases, router: new EveryPrimary() }).initialize();
    await source.synchronize();
    await source.destroy();
  }

  async heal(): Promise<void> {
    if (this.servers.primary.state === 'stopped') await this.servers.primary.restart();
  }

  async stop(): Promise<void> {
    await this.#servers?.stop();
  }
}

/** Registers the hooks that start it, heal it after each test and stop it. The scene has no replicas. */
export function besides(scene: Scene): SecondPrimary {
  const second = new SecondPrimary(scene);
  beforeAll(() => second.start());
  afterEach(() => second.heal());
  afterAll(() => second.stop());
  return second;
}
