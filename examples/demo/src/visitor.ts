import type { Arrival } from './schedule.js';
import type { Account, Answer, Shop, Written } from './shop.js';
import type { Counts } from './tally.js';
import { countOne } from './tally.js';

const PAGES = 5;

export interface VisitorOptions {
  readonly shop: Shop;
  /** Where to count what ends now: a request that was under way when something happened saw what happened. */
  readonly counts: () => Counts;
  /** The name of the server that listens on a port. */
  readonly nameOf: (port: number) => string;
}

/** Makes the requests of one shop's users and counts what they see. */
export class Visitor {
  readonly #options: VisitorOptions;

  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  async visit({ kind, customer, product }: Arrival): Promise<void> {
    const { shop } = this.#options;
    await shop.request(async () => {
      if (kind === 'browse') {
        await this.#read(() => shop.browse(product % PAGES));
        await this.#read(() => shop.product(product));
        return;
      }
      const written = await this.#write(() => (kind === 'buy' ? shop.buy(customer) : shop.change(customer)));
      if (written !== undefined) await this.#readBack(customer, written);
    });
  }

  async #readBack(customer: number, { id, version }: Written): Promise<void> {
    const account: Account | undefined = await this.#read(() => this.#options.shop.account(customer), 'own read');
    if (account !== undefined && (account.versions.get(id) ?? 0) < version) this.#options.counts().staleReads += 1;
  }

  async #read<T extends Answer>(read: () => Promise<T>, kind = 'read'): Promise<T | undefined> {
    const startedAt = performance.now();
    try {
      const answer = await read();
      countOne(this.#options.counts().servedBy, this.#options.nameOf(answer.servedBy));
      return answer;
    } catch (error) {
      const counts = this.#options.counts();
      counts.failedReads += 1;
      countOne(counts.errors, `${kind}: ${textOf(error)}`);
      return undefined;
    } finally {
      const counts = this.#options.counts();
      counts.reads += 1;
      counts.slowestReadMs = Math.max(counts.slowestReadMs, performance.now() - startedAt);
    }
  }

  async #write(write: () => Promise<Written>): Promise<Written | undefined> {
    try {
      return await write();
    } catch (error) {
      const counts = this.#options.counts();
      counts.failedWrites += 1;
      countOne(counts.errors, `write: ${textOf(error)}`);
      return undefined;
    } finally {
      this.#options.counts().writes += 1;
    }
  }
}

function textOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
