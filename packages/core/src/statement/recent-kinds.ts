import type { StatementKind } from './kind.js';

/** Texts kept by each of the two generations, and their length together. */
const MOST_TEXTS = 1_000;
const MOST_CHARACTERS = 1_000_000;
/** Longer statements are not kept: few are sent twice, and they would push the others out. */
const LONGEST = 10_000;

/**
 * The kinds of the statements seen last, by their text. New ones, and old ones asked for again, go into the young
 * generation; when that is full it becomes the old one, and the old one is dropped whole.
 */
export class RecentKinds {
  #young = new Map<string, StatementKind>();
  #old = new Map<string, StatementKind>();
  #characters = 0;

  get(sql: string): StatementKind | undefined {
    if (sql.length > LONGEST) return undefined;
    const kind = this.#young.get(sql);
    if (kind !== undefined) return kind;
    const old = this.#old.get(sql);
    if (old !== undefined) this.add(sql, old);
    return old;
  }

  add(sql: string, kind: StatementKind): void {
    if (sql.length > LONGEST) return;
    if (this.#young.size === MOST_TEXTS || this.#characters + sql.length > MOST_CHARACTERS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    this.#young.set(sql, kind);
    this.#characters += sql.length;
  }

  /** How many texts are kept; one asked for again may count twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
