import type { Cluster } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';
import { Arena } from './arena.js';
import type { OperationName } from './operations.js';
import type { OrmName } from './orms.js';
import { ORMS } from './orms.js';
import type { Place } from './place.js';
import type { Row, Target } from './row.js';

/** What Sluice may add to a `findOneBy`. */
const TARGET: Target = { of: 'ratio', most: 1.02 };

const ENGINES = ['postgres', 'mariadb'] as const;
/** The stubs take no writes. */
const WITHOUT_SERVER = ['findOneBy', 'query'] as const satisfies readonly OperationName[];
const ON_SERVER = [...WITHOUT_SERVER, 'insert'] as const satisfies readonly OperationName[];

interface Effort {
  readonly rounds: number;
  readonly operations: number;
  readonly warmUp: number;
}

/** What a call of TypeORM costs on our side alone: no server, no socket. */
export async function stubs({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const effort = quick ? { rounds: 5, operations: 100, warmUp: 300 } : { rounds: 80, operations: 500, warmUp: 5_000 };
  return inArena('typeorm', async (arena) => {
    const rows: Row[] = [];
    for (const type of ENGINES) rows.push(...(await measured(arena, { type, server: undefined }, effort)));
    return rows;
  });
}

/** What it costs on a real server on loopback, the nearest that there can be. */
export async function servers({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const effort = effortOnServers(quick);
  return inArena('typeorm', async (arena) => {
    const rows: Row[] = [];
    for (const type of ENGINES) {
      await using cluster = await startCluster({ engine: type, replicas: 0 });
      const place = placeOn(cluster, type);
      await furnish('typeorm', place);
      rows.push(...(await measured(arena, place, effort)));
    }
    return rows;
  });
}

/** What a `findOne` of MikroORM costs on a real server on loopback. */
export async function mikroOrm({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return inArena('mikro-orm', async (arena) => {
    await using cluster = await startCluster({ engine: 'mariadb', replicas: 0 });
    const place = placeOn(cluster, 'mariadb');
    await furnish('mikro-orm', place);
    return await arena.at(place, async () => {
      const rounds = await arena.measure({ operation: 'findOneBy', ...effortOnServers(quick) });
      return [
        ...rounds.rows('MikroORM, mariadb, findOne', 'sluice', TARGET),
        ...rounds.rows('MikroORM, mariadb, findOne, no session', 'sessionless'),
      ];
    });
  });
}

function effortOnServers(quick: boolean): Effort {
  return quick ? { rounds: 5, operations: 20, warmUp: 50 } : { rounds: 100, operations: 150, warmUp: 2_000 };
}

function placeOn({ primary }: Cluster, type: Place['type']): Place {
  const { host, port, user, password, database } = primary.database;
  return { type, server: { host, port, username: user, password, database } };
}

async function inArena<T>(orm: OrmName, work: (arena: Arena) => Promise<T>): Promise<T> {
  const arena = new Arena(orm);
  try {
    return await work(arena);
  } finally {
    arena.close();
  }
}

function measured(arena: Arena, place: Place, effort: Effort): Promise<readonly Row[]> {
  const { type, server } = place;
  return arena.at(place, async () => {
    const rows: Row[] = [];
    for (const operation of server === undefined ? WITHOUT_SERVER : ON_SERVER) {
      const rounds = await arena.measure({ operation, ...effort });
      const what = `${type}${server === undefined ? ' without a server' : ''}, ${operation}`;
      const isFind = operation === 'findOneBy';
      if (server === undefined) rows.push(rounds.cpu(what, 'sluice'));
      else rows.push(...rounds.rows(what, 'sluice', isFind ? TARGET : undefined));
      if (isFind) rows.push(rounds.cpu(`${what}, no session`, 'sessionless'));
    }
    return rows;
  });
}

/** Makes the table, and the row that is found. */
async function furnish(orm: OrmName, place: Place): Promise<void> {
  const { single } = await ORMS[orm]();
  const { operations, furnish: makeTable, close } = await single(place);
  await makeTable();
  await operations.insert();
  await close();
}
