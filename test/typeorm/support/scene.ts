import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Cluster as Servers, FaultProxy, Server } from '@sluice/testbed';
import { faultProxy } from '@sluice/testbed';
import type { RoutedDataSource, TypeOrmDatabase } from '@sluice/typeorm';
import { ReplicaRouter } from '@sluice/typeorm';
import type { EngineUnderTest } from './engines.js';
import { startServers } from './engines.js';
import type { Options } from './opened.js';
import { databasesOf, opened, routed } from './opened.js';
import { Tag } from './shop.js';

export interface SceneOptions {
  /** Default: 2. */
  readonly replicas?: number;
  /** How many clients each server admits. Default: 100. */
  readonly maxConnections?: number;
  /** `tcp` for tests that count connections: by SQL, the checks have one of their own. Default: `sql`. */
  readonly probe?: 'tcp';
}

/** Real servers for the tests of one file, and what a test puts on them. All of it is whole again after each test. */
export class Scene {
  readonly engine: EngineUnderTest;
  #probe: SceneOptions['probe'];
  #servers: Servers | undefined;
  readonly #sources: RoutedDataSource[] = [];
  readonly #proxies: FaultProxy[] = [];

  constructor(engine: EngineUnderTest) {
    this.engine = engine;
  }

  get servers(): Servers {
    if (this.#servers === undefined) throw new Error('the servers are started in beforeAll');
    return this.#servers;
  }

  /** Ports of the replicas, in order. */
  get replicas(): readonly number[] {
    return this.servers.servers.filter(({ role }) => role === 'replica').map(({ port }) => port);
  }

  /** A routed data source, not initialized; destroyed after the test. Its router does not pin, unless one is given. */
  source(options: Options = {}): RoutedDataSource {
    const source = routed(this.servers, {
      router: new ReplicaRouter(),
      ...(this.#probe !== undefined && { probe: this.#probe }),
      ...options,
    });
    this.#sources.push(source);
    return source;
  }

  /** The same, initialized. */
  async open(options: Options = {}): Promise<RoutedDataSource> {
    return this.source(options).initialize();
  }

  /** A proxy in front of one server, and the databases with that server behind it. */
  async behindProxy(name: string): Promise<{ proxy: FaultProxy; databases: Record<string, TypeOrmDatabase> }> {
    const proxy = await faultProxy({ port: this.servers.server(name).port });
    this.#proxies.push(proxy);
    const databases = databasesOf(this.servers);
    return { proxy, databases: { ...databases, [name]: { ...databases[name], port: proxy.port } } };
  }

  async start({ replicas = 2, probe, ...limits }: SceneOptions): Promise<void> {
    this.#probe = probe;
    this.#servers = await startServers(this.engine, replicas, limits);
    const source = await opened(this.#servers, { router: new ReplicaRouter() });
    await source.getRepository(Tag).insert({ label: 'seed' });
    await source.destroy();
    await this.#servers.caughtUp();
  }

  /** From here to the end of the test no replica applies what the primary writes. */
  async pauseReplay(): Promise<void> {
    await this.#eachReplica((server) => server.pauseReplay());
  }

  async resumeReplay(): Promise<void> {
    await this.#eachReplica((server) => server.resumeReplay());
  }

  async #eachReplica(act: (server: Server) => Promise<void>): Promise<void> {
    await Promise.all(this.servers.servers.filter(({ role }) => role === 'replica').map(act));
  }

  /** Closes what the test has opened and brings every server back. */
  async heal(): Promise<void> {
    for (const server of this.servers.servers) if (server.state === 'frozen') server.thaw();
    const open = this.#sources.splice(0).filter((source) => source.isInitialized);
    await Promise.all(open.map((source) => source.destroy()));
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.stop()));
    for (const server of this.servers.servers) if (server.state === 'stopped') await server.restart();
    await this.resumeReplay();
    await this.servers.caughtUp();
  }

  async stop(): Promise<void> {
    await this.#servers?.stop();
  }
}

/** Registers the hooks that start a scene, heal it after each test and stop it. */
export function onServers(engine: EngineUnderTest, options: SceneOptions = {}): Scene {
  const scene = new Scene(engine);
  beforeAll(() => scene.start(options));
  afterEach(() => scene.heal());
  afterAll(() => scene.stop());
  return scene;
}
