import type { Lease } from '@sluice/core';
import type { Sending } from './dispatch.js';
import { dispatch, dispatchInside } from './dispatch.js';
import type { CompiledQuery, KyselyInternals, KyselyTransaction, QueryResult } from './internals.js';
import type { Routing } from './routing.js';
import { stream } from './streams.js';
import { begin, commit, rollback } from './transactions.js';

type KyselyClass = new (options: { readonly dialect: object }) => KyselyInternals;

interface TransactionSettings {
  readonly isolationLevel?: string;
  readonly accessMode?: string;
}

const made = new WeakMap<Routing, Map<string, KyselyInternals>>();

/** A Kysely (MikroORM 7) whose statements are routed one by one, and its transactions as a whole. */
export function routedKysely(routing: Routing, kind: Sending['kind']): KyselyInternals {
  const known = made.get(routing) ?? new Map<string, KyselyInternals>();
  made.set(routing, known);
  const found = known.get(kind) ?? new (kyselyClass(routing))({ dialect: dialect(routing, kind) });
  known.set(kind, found);
  return found;
}

function clientOf(routing: Routing): KyselyInternals {
  const client = routing.primary.raw.getClient?.();
  if (client === undefined) throw new Error('this version of MikroORM has no Kysely');
  return client;
}

/** The class is taken from a client that is there: MikroORM brings its own version of Kysely. */
function kyselyClass(routing: Routing): KyselyClass {
  return clientOf(routing).constructor as KyselyClass;
}

function dialect(routing: Routing, kind: Sending['kind']): object {
  return {
    createDriver: () => driver(routing, kind),
    createAdapter: () => clientOf(routing).getExecutor().adapter,
    createQueryCompiler: () => ({
      compileQuery: (node: unknown, queryId: unknown) => clientOf(routing).getExecutor().compileQuery(node, queryId),
    }),
    createIntrospector: () => clientOf(routing).introspection,
  };
}

/** What Kysely takes for a connection: it has none until it is asked to send something. */
class RoutedConnection {
  readonly #routing: Routing;
  readonly #kind: Sending['kind'];
  /** The open transaction, and its database. */
  transaction: { readonly trx: KyselyTransaction; readonly lease: Lease | undefined } | undefined;

  constructor(routing: Routing, kind: Sending['kind']) {
    this.#routing = routing;
    this.#kind = kind;
  }

  executeQuery(query: CompiledQuery, ...more: unknown[]): Promise<QueryResult> {
    const sending = { sql: query.sql, kind: this.#kind, origin: undefined };
    const { transaction } = this;
    if (transaction?.lease !== undefined) {
      return dispatchInside(this.#routing, transaction.lease, sending, () =>
        transaction.trx.executeQuery(query, ...more),
      );
    }
    return dispatch(this.#routing, sending, async (connection) => {
      await connection.connect();
      const client = connection.raw.getClient?.();
      if (client === undefined) throw new Error('this version of MikroORM has no Kysely');
      return client.executeQuery(query, ...more);
    });
  }

  async *streamQuery(query: CompiledQuery, chunkSize: number, ...more: unknown[]): AsyncGenerator<unknown> {
    const { transaction } = this;
    if (transaction !== undefined) {
      yield* transaction.trx.getExecutor().stream(query, chunkSize, ...more);
      return;
    }
    const sending = { sql: query.sql, kind: this.#kind, origin: undefined };
    yield* stream(this.#routing, sending, async function* rows(connection) {
      await connection.connect();
      const client = connection.raw.getClient?.();
      if (client !== undefined) yield* client.getExecutor().stream(query, chunkSize, ...more);
    });
  }
}

/** Kysely's `Driver`, as little of it as there is to do. */
function driver(routing: Routing, kind: Sending['kind']): object {
  const send = (connection: RoutedConnection, sql: string): Promise<QueryResult> =>
    connection.executeQuery({
      sql,
      parameters: [],
      query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
      queryId: {},
    } as CompiledQuery);
  const name = (savepoint: string): string =>
    routing.engine === 'mysql' ? `\`${savepoint.replaceAll('`', '``')}\`` : `"${savepoint.replaceAll('"', '""')}"`;
  return {
    init: () => Promise.resolve(),
    // the real connections end with the ORM
    destroy: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(new RoutedConnection(routing, kind)),
    releaseConnection: () => Promise.resolve(),
    async beginTransaction(connection: RoutedConnection, { isolationLevel, accessMode }: TransactionSettings) {
      const readOnly = accessMode === 'read only';
      const trx = await begin(routing, { readOnly, ...(isolationLevel !== undefined && { isolationLevel }) });
      connection.transaction = { trx: trx as KyselyTransaction, lease: routing.leaseOf(trx) };
    },
    async commitTransaction(connection: RoutedConnection) {
      const { transaction } = connection;
      connection.transaction = undefined;
      if (transaction !== undefined) await commit(routing, transaction.trx);
    },
    async rollbackTransaction(connection: RoutedConnection) {
      const { transaction } = connection;
      connection.transaction = undefined;
      if (transaction !== undefined) await rollback(routing, transaction.trx);
    },
    savepoint: (connection: RoutedConnection, savepoint: string) => send(connection, `savepoint ${name(savepoint)}`),
    rollbackToSavepoint: (connection: RoutedConnection, savepoint: string) =>
      send(connection, `rollback to savepoint ${name(savepoint)}`),
    releaseSavepoint: (connection: RoutedConnection, savepoint: string) =>
      send(connection, `release savepoint ${name(savepoint)}`),
  };
}
