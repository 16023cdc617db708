import type { KnexClient } from '../internals.js';

/** The `mariadb` connector's own connection, behind the one that it gives to knex. */
interface Preparing {
  executeSessionVariableQuery?(): Promise<void>;
}

/** A promise of whose failure somebody is told by other means: what a `catch` throws on is nobody's business. */
class ToldPromise<T> extends Promise<T> {
  override catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Promise<T | R> {
    const caught = super.catch(onRejected);
    caught.then(undefined, () => undefined);
    return caught;
  }
}

/**
 * Lets MikroORM 6 lose a connection to MariaDB that is logged in and still being prepared (`SET NAMES`). The connector
 * (3.4) tells knex, and rejects a promise that nobody can have a hold of, too, which would end the process.
 */
export function survivePreparing(client: KnexClient): void {
  const { driver } = client;
  const create = driver?.createConnection;
  if (driver === undefined || create === undefined) return;
  client.driver = Object.create(driver, {
    createConnection: {
      value: (options: unknown): object => {
        const connection = create.call(driver, options);
        // what knex gets is a shell; its listeners are called on the connection itself
        connection.once('newListener', function (this: Preparing) {
          const prepare = this.executeSessionVariableQuery;
          if (prepare !== undefined) this.executeSessionVariableQuery = () => ToldPromise.resolve(prepare.call(this));
        });
        return connection;
      },
    },
  }) as typeof driver;
}
