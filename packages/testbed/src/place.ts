/** Where a server lives. */
export interface Place {
  readonly name: string;
  /** The first is where clients connect; an engine that needs more says so in `portsPerServer`. */
  readonly ports: readonly [number, ...number[]];
  /** Its number in replication. Another one for every new data folder: a server ignores changes that bear its own. */
  readonly id: number;
  /** Its data folder. */
  readonly folder: string;
}
