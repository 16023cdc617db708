import { ContenderProcess } from '#bench/contender-process';
import type { Answer, Ask, Sample } from './asks.js';
import type { ContenderName } from './contenders.js';
import { CONTENDERS } from './contenders.js';
import type { OperationName } from './operations.js';
import type { OrmName } from './orms.js';
import type { Place } from './place.js';
import { Rounds } from './rounds.js';

const NAMES = Object.keys(CONTENDERS) as ContenderName[];
const PROCESS = new URL('./contender-process.js', import.meta.url);

export interface RoundsOptions {
  readonly operation: OperationName;
  readonly rounds: number;
  /** Operations of each contender in each round, one after the other. */
  readonly operations: number;
  readonly warmUp: number;
}

/** All contenders, each in a process of its own. One at a time works, the others wait. */
export class Arena {
  readonly #children: ReadonlyMap<ContenderName, ContenderProcess<Ask, Answer>>;

  constructor(orm: OrmName) {
    this.#children = new Map(NAMES.map((name) => [name, new ContenderProcess(name, PROCESS, [orm, name])]));
  }

  async at<T>(place: Place, work: () => Promise<T>): Promise<T> {
    await Promise.all(NAMES.map((name) => this.#ask(name, { kind: 'open', place })));
    const result = await work();
    await Promise.all(NAMES.map((name) => this.#ask(name, { kind: 'close' })));
    return result;
  }

  /**
   * Lets the contenders take turns, in another order each round: what slows the machine down for a while slows all of
   * them, and what counts is how two samples of one round compare.
   */
  async measure({ operation, rounds, operations, warmUp }: RoundsOptions): Promise<Rounds> {
    for (const name of NAMES) await this.#sample(name, operation, warmUp);
    const samples: Map<ContenderName, Sample>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const first = round % NAMES.length;
      const inTurn = [...NAMES.slice(first), ...NAMES.slice(0, first)];
      if (Math.floor(round / NAMES.length) % 2 === 1) inTurn.reverse();
      const taken = new Map<ContenderName, Sample>();
      for (const name of inTurn) taken.set(name, await this.#sample(name, operation, operations));
      samples.push(taken);
    }
    return new Rounds(samples);
  }

  /** Ends all processes. */
  close(): void {
    for (const child of this.#children.values()) child.end();
  }

  async #sample(name: ContenderName, operation: OperationName, count: number): Promise<Sample> {
    const { sample } = await this.#ask(name, { kind: 'sample', operation, count });
    if (sample === undefined) throw new Error(`${name} answered no sample`);
    return sample;
  }

  #ask(name: ContenderName, ask: Ask): Promise<Answer> {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`no process of ${name}`);
    return child.ask(ask);
  }
}
