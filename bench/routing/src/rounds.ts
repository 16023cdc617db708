import type { ContenderName } from './contenders.js';
import type { Row, Target } from './row.js';
import type { Sample } from './asks.js';
import { median, spread } from './statistics.js';

/** The samples of all contenders, round by round. */
export class Rounds {
  readonly #samples: readonly ReadonlyMap<ContenderName, Sample>[];

  constructor(samples: readonly ReadonlyMap<ContenderName, Sample>[]) {
    this.#samples = samples;
  }

  /** One row by wall clock and one by processor time; the target is the wall clock's. */
  rows(what: string, sluice: 'sluice' | 'sessionless', target?: Target): readonly Row[] {
    return [{ ...this.#row(`${what}, wall`, sluice, 'wall'), ...(target && { target }) }, this.cpu(what, sluice)];
  }

  /** The row by processor time alone, where there is nothing else to wait for. */
  cpu(what: string, sluice: 'sluice' | 'sessionless'): Row {
    return this.#row(`${what}, CPU`, sluice, 'cpu');
  }

  #row(what: string, sluice: ContenderName, clock: keyof Sample): Row {
    const of = (name: ContenderName) => this.#samples.map((round) => round.get(name)?.[clock] ?? Number.NaN);
    const replication = of('replication');
    const over = (values: readonly number[]) =>
      values.map((value, round) => value / (replication[round] ?? Number.NaN));
    return {
      what,
      singleUs: median(of('single')),
      replicationUs: median(replication),
      sluiceUs: median(of(sluice)),
      moreUs: median(of(sluice).map((value, round) => value - (replication[round] ?? Number.NaN))),
      ratio: spread(over(of(sluice))),
      noise: spread(over(of('again'))),
    };
  }
}
