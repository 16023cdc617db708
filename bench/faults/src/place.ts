/** Where a contender finds its servers. */
export interface Place {
  readonly type: EngineName;
  /** The primary first; the servers themselves, or a proxy in front of each. */
  readonly databases: Readonly<Record<string, Address>>;
  /** What Sluice is told under this fault; everything else is as it is when nobody says. */
  readonly routing: PlaceRouting;
}

export interface PlaceRouting {
  /** How it selects among the replicas. */
  readonly select?: 'fastest';
  readonly holdWritesMs?: number;
}

export const ENGINES = ['mariadb', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The testbed's ordinary user. */
export const USER = { username: 'app', password: 'app', database: 'app' } as const;
/** What every contender is given alike. */
export const CONNECTIONS = 10;
export const CONNECT_WITHIN_MS = 2_000;
