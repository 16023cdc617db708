import type { Database } from '../databases.js';
import type { Load } from '../load.js';
import { sameWeight } from './same-weight.js';
import type { Chance, NonEmpty, SelectFunction } from './select.js';

/** The longest that a turn among weights is put forward at its start. */
const STARTS = 100;

/**
 * One after the other, from a random start, so that many processes do not begin with the same replica. With weights
 * that differ, each in proportion to its own, and as evenly spread as that allows: a a b a a, not a a a a b.
 * Source: nginx's smooth weighted round robin.
 */
export function roundRobin({ random: chance = Math.random }: Chance = {}): SelectFunction {
  let turn = Math.floor(chance() * 0x10000);
  let spread: Spread | undefined;
  return (candidates) => {
    if (sameWeight(candidates)) {
      turn = (turn + 1) % 0x40000000;
      return candidates[turn % candidates.length] ?? candidates[0];
    }
    spread ??= new Spread(candidates, turn % STARTS);
    return spread.next(candidates);
  };
}

/** What a database is owed: its weight for every turn taken, less the whole of the weights for each of its own. */
interface Account {
  owed: number;
}

class Spread {
  // by their gauges, which stay the same when a database is seen anew
  readonly #accounts = new WeakMap<Load, Account>();
  #of: readonly Database[] = [];
  #inOrder: Account[] = [];

  constructor(candidates: NonEmpty<Database>, start: number) {
    for (let skipped = 0; skipped < start; skipped += 1) this.next(candidates);
  }

  next(candidates: NonEmpty<Database>): Database {
    if (candidates !== this.#of) this.#turnTo(candidates);
    let chosen = candidates[0];
    let most: Account | undefined;
    let total = 0;
    for (let index = 0; index < candidates.length; index += 1) {
      const [database, account] = [candidates[index], this.#inOrder[index]];
      if (database === undefined || account === undefined || database.weight === 0) continue;
      total += database.weight;
      account.owed += database.weight;
      if (most !== undefined && account.owed <= most.owed) continue;
      chosen = database;
      most = account;
    }
    if (most !== undefined) most.owed -= total;
    return chosen;
  }

  #turnTo(candidates: NonEmpty<Database>): void {
    this.#of = candidates;
    this.#inOrder = candidates.map(({ load }) => {
      const account = this.#accounts.get(load) ?? { owed: 0 };
      this.#accounts.set(load, account);
      return account;
    });
  }
}
