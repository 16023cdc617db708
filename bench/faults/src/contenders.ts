import type { Cluster } from '@sluice/core';
import type { Place } from './place.js';

/** An open ORM, and the calls that the load makes. */
export interface Contender {
  /** What an application puts around each of its requests. */
  readonly request: (work: () => Promise<void>) => Promise<void>;
  /** A page of items; answers the port of the server it came from. */
  readonly read: () => Promise<number>;
  /** A new row, in a transaction as the ORM makes it. */
  readonly write: (token: string) => Promise<void>;
  /** That row again; undefined if it is not there. */
  readonly readBack: (token: string) => Promise<number | undefined>;
  readonly close: () => Promise<void>;
  /** Sluice's. */
  readonly cluster?: Cluster;
}

interface Kind {
  readonly title: string;
  readonly orm: OrmName;
  readonly isSluice: boolean;
  readonly open: (place: Place) => Promise<Contender>;
}

export const ORMS = ['typeorm', 'mikro-orm'] as const;
export type OrmName = (typeof ORMS)[number];

/** Who is compared. A process loads the one that it runs: Sluice patches what it routes. */
export const CONTENDERS = {
  typeorm: {
    title: 'stock TypeORM',
    orm: 'typeorm',
    isSluice: false,
    open: async (place) => (await import('./typeorm/stock.js')).openStock(place),
  },
  'sluice-typeorm': {
    title: 'Sluice on TypeORM',
    orm: 'typeorm',
    isSluice: true,
    open: async (place) => (await import('./typeorm/sluice.js')).openSluice(place),
  },
  'mikro-orm': {
    title: 'stock MikroORM',
    orm: 'mikro-orm',
    isSluice: false,
    open: async (place) => (await import('./mikro-orm/stock.js')).openStock(place),
  },
  'sluice-mikro-orm': {
    title: 'Sluice on MikroORM',
    orm: 'mikro-orm',
    isSluice: true,
    open: async (place) => (await import('./mikro-orm/sluice.js')).openSluice(place),
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type ContenderName = keyof typeof CONTENDERS;
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as readonly ContenderName[];
