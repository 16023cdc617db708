import type {
  BeginOptions,
  Broadcaster,
  ConfigInternals,
  ConnectionClass,
  ConnectionInternals,
  KnexInternals,
  KyselyInternals,
  OptionBag,
  TransactionContext,
} from './internals.js';
import type { Sending } from './dispatch.js';
import { dispatch, dispatchInside } from './dispatch.js';
import { routedKnex } from './knex.js';
import { routedKysely } from './kysely.js';
import { sqlOf } from './result.js';
import type { Routing } from './routing.js';
import type { Origin } from './statement.js';
import { stream, streamInside } from './streams.js';
import { begin, commit, rollback } from './transactions.js';

/** A connection of the driver's own class that decides for each statement which real connection sends it. */
export interface Facade extends ConnectionInternals {
  /** What its statements come from; a query builder gets a copy with its own. */
  origin: Origin | undefined;
}

export type FacadeClass = new (config: ConfigInternals, kind: 'read' | 'write') => Facade;

/**
 * Made over the class that the driver itself would use, so that whoever asks for a connection is given one. Every
 * method that would reach a server is overridden; a test lists those of each major.
 */
export function facadeClass(Connection: ConnectionClass, routing: Routing): FacadeClass {
  class RoutedConnection extends Connection implements Facade {
    origin: Origin | undefined = undefined;
    readonly kind: 'read' | 'write';

    constructor(config: ConfigInternals, kind: 'read' | 'write') {
      super(config, { name: `routed ${kind}` }, kind);
      this.kind = kind;
      this.connected = true;
    }

    override execute(
      query: unknown,
      params?: unknown,
      method?: string,
      ctx?: TransactionContext,
      loggerContext?: unknown,
    ): Promise<unknown> {
      // a builder of knex brings its transaction along
      const transaction = ctx ?? transactionOf(query);
      if (transaction === undefined) {
        return dispatch(routing, this.sending(query), ({ raw }) =>
          raw.execute(query, params, method, undefined, loggerContext),
        );
      }
      const lease = routing.leaseOf(transaction);
      if (lease === undefined) return routing.primary.raw.execute(query, params, method, ctx, loggerContext);
      return dispatchInside(routing, lease, this.sending(query), ({ raw }) =>
        raw.execute(query, params, method, ctx, loggerContext),
      );
    }

    override stream(
      query: unknown,
      params?: unknown,
      ctx?: TransactionContext,
      loggerContext?: unknown,
      chunkSize?: number,
    ): AsyncGenerator<unknown> {
      const open = ({ raw }: { readonly raw: ConnectionInternals }): AsyncGenerator<unknown> =>
        raw.stream(query, params, ctx, loggerContext, chunkSize);
      if (ctx === undefined || ctx === null) return stream(routing, this.sending(query), open);
      const lease = routing.leaseOf(ctx);
      return lease === undefined ? open(routing.primary) : streamInside(routing, lease, this.sending(query), open);
    }

    override begin(options?: BeginOptions): Promise<TransactionContext> {
      return begin(routing, options, this);
    }

    override commit(ctx: TransactionContext, broadcaster?: Broadcaster, loggerContext?: unknown): Promise<void> {
      return commit(routing, ctx, broadcaster, loggerContext);
    }

    override rollback(ctx: TransactionContext, broadcaster?: Broadcaster, loggerContext?: unknown): Promise<void> {
      return rollback(routing, ctx, broadcaster, loggerContext);
    }

    // ---- what belongs to one server: the default primary's
    override getConnectionOptions(): OptionBag {
      return routing.primary.raw.getConnectionOptions();
    }

    override getClientUrl(): string {
      return routing.primary.raw.getClientUrl?.() ?? '';
    }

    override async getNativeClient(): Promise<object> {
      const client = await routing.primary.raw.getNativeClient?.();
      if (client === undefined) throw new Error('this version of MikroORM does not give the native client');
      return client;
    }

    override async checkConnection(): Promise<unknown> {
      try {
        const { primary } = routing;
        await primary.connect();
        return await primary.raw.checkConnection();
      } catch (error) {
        return { ok: false, reason: (error as Error).message, error };
      }
    }

    override async isConnected(): Promise<boolean> {
      routing.starting = false;
      return ((await this.checkConnection()) as { readonly ok: boolean }).ok;
    }

    override async executeDump(dump: string): Promise<void> {
      await dispatch(routing, this.sending(dump), async ({ raw }) => raw.executeDump?.(dump));
    }

    override async loadFile(path: string): Promise<void> {
      // a file is as good as a write: nobody knows what is inside
      await dispatch(routing, { sql: 'CALL file', kind: 'write', origin: undefined }, async ({ raw }) =>
        raw.loadFile?.(path),
      );
    }

    // ---- raw builders
    override getClient(): KyselyInternals {
      return routedKysely(routing, this.kind);
    }

    override getKnex(): KnexInternals {
      return routedKnex(routing, this.kind);
    }

    // ---- life: the routing's
    override async connect(): Promise<void> {
      routing.open({ again: true });
    }

    override async ensureConnection(): Promise<void> {
      routing.open();
    }

    override async initClient(): Promise<void> {
      await routing.primary.connect();
    }

    override close(force?: boolean): Promise<void> {
      return routing.close(force);
    }

    /** Not private: a builder's copy inherits from a facade. */
    sending(query: unknown): Sending {
      return { sql: sqlOf(query), kind: this.kind, origin: this.origin };
    }
  }
  return RoutedConnection;
}

function transactionOf(query: unknown): TransactionContext | undefined {
  const client = (query as { readonly client?: { readonly transacting?: boolean } } | undefined)?.client;
  return client?.transacting === true ? (query as TransactionContext) : undefined;
}
