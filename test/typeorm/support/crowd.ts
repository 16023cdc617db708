import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Scene } from './scene.js';
import { sessionsOf } from './sessions.js';
import { until } from './until.js';

/** One client of an application beside ours. */
interface Client {
  end(): Promise<unknown>;
}

/** Clients that take every connection the primary has left. */
export class Crowd {
  readonly #scene: Scene;
  readonly #clients: Client[];

  private constructor(scene: Scene, clients: Client[]) {
    this.#scene = scene;
    this.#clients = clients;
  }

  static async on(scene: Scene): Promise<Crowd> {
    const clients: Client[] = [];
    for (;;) {
      const client = await connected(scene).catch((error: { errno?: number; code?: string }) => {
        if (error.errno === 1040 || error.code === '53300') return undefined;
        throw error;
      });
      if (client === undefined) return new Crowd(scene, clients);
      clients.push(client);
    }
  }

  /** Two of them leave: one for the administrator who looks whether they have, and whose connection counts as well. */
  makeRoom(): Promise<void> {
    return this.#end(this.#clients.splice(0, 2));
  }

  leave(): Promise<void> {
    return this.#end(this.#clients.splice(0));
  }

  async #end(clients: readonly Client[]): Promise<void> {
    const { primary } = this.#scene.servers;
    const most = (await sessionsOf(this.#scene, primary)).length - clients.length;
    await Promise.all(clients.map((client) => client.end()));
    await until('the server has noticed', async () => (await sessionsOf(this.#scene, primary)).length <= most);
  }
}

async function connected(scene: Scene): Promise<Client> {
  const { role: _role, ...address } = scene.servers.primary.database;
  if (scene.engine === 'mariadb') return mysql.createConnection(address);
  const client = new pg.Client(address);
  await client.connect();
  return client;
}
