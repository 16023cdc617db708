import { afterEach, beforeAll } from '@jest/globals';
import type { EngineUnderTest } from '../../engines.js';
import type { Scene, SceneOptions } from '../../typeorm/support/scene.js';
import { onServers } from '../../typeorm/support/scene.js';
import { until } from '../../typeorm/support/until.js';
import type { Options, OrmName, Routed } from './routed.js';
import { open, ORMS } from './routed.js';

/** Rows that are there to be read: a reply to another question is known by its id. */
export const ROWS = 50;

/** Real servers for the tests of one file, and the routed ORMs that a test puts on them. */
export class Stage {
  readonly scene: Scene;
  readonly #open: Routed[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
  }

  get servers(): Scene['servers'] {
    return this.scene.servers;
  }

  port(name: string): number {
    return this.servers.server(name).port;
  }

  async open(orm: OrmName, options: Options = {}): Promise<Routed> {
    const routed = await open(orm, this.servers, options);
    this.#open.push(routed);
    await routed.read(); // MikroORM begins with the first statement
    // until then a freeze is noticed later: a check would have to connect first
    if (options.user === undefined && options.probeIntervalMs === undefined) await checked(routed);
    return routed;
  }

  /** The same test for both ORMs, at one time: what happens to the servers happens to both. */
  openBoth(options?: Options): Promise<Routed[]> {
    return Promise.all(ORMS.map((orm) => this.open(orm, options)));
  }

  /** Makes the rows that {@link Routed.read} asks for. */
  async fill(): Promise<void> {
    const rows = Array.from({ length: ROWS }, (_, index) => `('row ${index}')`).join(', ');
    await this.servers.primary.query(`INSERT INTO tag (label) VALUES ${rows}`);
    await this.servers.caughtUp();
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((routed) => routed.close()));
  }

  /** How many rows of this label the server holds. */
  async count(name: string, label: string): Promise<number> {
    const [row] = await this.servers.server(name).query(`SELECT COUNT(*) AS n FROM tag WHERE label LIKE '${label}'`);
    return Number(row?.['n']);
  }
}

/** Waits until every replica has said how far it has come. */
function checked({ cluster }: Routed): Promise<boolean> {
  return until('every database was checked', () =>
    cluster.databases.replicas.every(({ health, lagMs }) => health === 'down' || lagMs !== undefined),
  );
}

/** Registers the hooks that start servers, close what a test has opened, heal and stop them. */
export function onStage(engine: EngineUnderTest, options: SceneOptions = {}): Stage {
  // the hooks run in this order: an ORM is closed before its servers are whole again
  let stage: Stage | undefined;
  afterEach(() => stage?.close());
  const made = new Stage(onServers(engine, options));
  beforeAll(() => made.fill());
  stage = made;
  return made;
}
