import type { Lease } from '@sluice/core';
import { commitFailed, neverSent } from '@sluice/core';
import type { Sending } from './dispatch.js';
import { dispatch, dispatchInside } from './dispatch.js';
import type { KnexClient, KnexInternals, KnexStatement } from './internals.js';
import type { Routing } from './routing.js';
import { Statement } from './statement.js';

type ClientClass = (new () => KnexClient) & { readonly prototype: KnexClient };

/** What knex takes for a connection: it has none until it is asked to send something. */
interface RoutedConnection {
  /** The open transaction: its lease, and the connection that it runs on. */
  open?: { readonly lease: Lease; readonly client: KnexClient; readonly connection: object };
  __knexUid?: string;
}

const made = new WeakMap<Routing, Map<string, KnexInternals>>();

/** A knex (MikroORM 6) whose statements are routed one by one, and its transactions as a whole. */
export function routedKnex(routing: Routing, kind: Sending['kind']): KnexInternals {
  const known = made.get(routing) ?? new Map<string, KnexInternals>();
  made.set(routing, known);
  const found = known.get(kind) ?? copyOf(routing, kind);
  known.set(kind, found);
  return found;
}

/** A copy of the default primary's knex, for its dialect, over a client that has no pool of its own. */
function copyOf(routing: Routing, kind: Sending['kind']): KnexInternals {
  const knex = knexOf(routing, routing.cluster.databases.default.name);
  const copy = knex.withUserParams({});
  const Client = clientClass(routing, kind, knex.client.constructor as ClientClass);
  copy.client = Object.assign(Object.create(Client.prototype) as KnexClient, knex.client, { pool: undefined });
  return copy;
}

function knexOf(routing: Routing, database: string): KnexInternals {
  const knex = routing.connection(database).raw.getKnex?.();
  if (knex === undefined) throw new Error('this version of MikroORM has no knex');
  return knex;
}

/** knex makes the client of a transaction from the class of its own, so the class is routed and not the object. */
function clientClass(routing: Routing, kind: Sending['kind'], Client: ClientClass): ClientClass {
  const sendingOf = (statement: string | KnexStatement): Sending => ({
    sql: typeof statement === 'string' ? statement : statement.sql,
    kind,
    origin: undefined,
  });
  return class RoutedClient extends Client {
    override acquireConnection(): Promise<object> {
      return Promise.resolve({});
    }

    override async releaseConnection(routed: RoutedConnection): Promise<void> {
      const { open } = routed;
      delete routed.open;
      if (open === undefined) return;
      open.lease.end('rolled-back');
      await open.client.releaseConnection(open.connection);
    }

    override destroy(callback?: () => void): Promise<void> {
      // the real connections end with the ORM
      callback?.();
      return Promise.resolve();
    }

    override async query(routed: RoutedConnection, statement: string | KnexStatement): Promise<unknown> {
      const sending = sendingOf(statement);
      if (routed.open !== undefined) return inTransaction(routing, routed.open, sending, statement);
      if (this.transacting === true) return opening(routing, routed, statement);
      return dispatch(routing, sending, async ({ name }) => {
        const { client } = knexOf(routing, name);
        const connection = await client.acquireConnection();
        try {
          return await client.query(connection, statement);
        } finally {
          await client.releaseConnection(connection);
        }
      });
    }

    override async stream(
      routed: RoutedConnection,
      statement: KnexStatement,
      target: unknown,
      options: unknown,
    ): Promise<unknown> {
      const { open } = routed;
      if (open !== undefined) return open.client.stream(open.connection, statement, target, options);
      return dispatch(routing, sendingOf(statement), async ({ name }) => {
        const { client } = knexOf(routing, name);
        const connection = await client.acquireConnection();
        try {
          return await client.stream(connection, statement, target, options);
        } finally {
          await client.releaseConnection(connection);
        }
      });
    }
  };
}

/** The first statement of a transaction: knex sends `SET TRANSACTION …;` before `BEGIN;` where it has to. */
async function opening(
  routing: Routing,
  routed: RoutedConnection,
  statement: string | KnexStatement,
): Promise<unknown> {
  const sql = typeof statement === 'string' ? statement : statement.sql;
  const readsOnly = /\bREAD ONLY\b/.test(sql) && !/\bserializable\b/i.test(sql);
  const { lease, opened } = await routing.cluster.begin(
    new Statement({ intent: readsOnly ? 'read' : 'write', sql }),
    async (chosen) => {
      const { client } = knexOf(routing, chosen.database.name);
      let connection: object | undefined;
      chosen.sending();
      try {
        connection = await client.acquireConnection();
        return { client, connection, answer: await client.query(connection, statement) };
      } catch (error) {
        if (connection !== undefined) await client.releaseConnection(connection);
        else if (neverSent(routing.engine, error)) chosen.unsent();
        throw error;
      }
    },
  );
  const { client, connection, answer } = opened;
  routed.open = { lease, client, connection };
  return answer;
}

async function inTransaction(
  routing: Routing,
  { lease, client, connection }: Required<RoutedConnection>['open'],
  sending: Sending,
  statement: string | KnexStatement,
): Promise<unknown> {
  if (!/^\s*commit\b/i.test(sending.sql)) {
    return dispatchInside(routing, lease, sending, () => client.query(connection, statement));
  }
  try {
    const answer = await client.query(connection, statement);
    lease.end('committed');
    return answer;
  } catch (error) {
    throw commitFailed(routing.engine, lease, error);
  }
}
