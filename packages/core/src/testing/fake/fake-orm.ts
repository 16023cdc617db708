import { Cluster } from '../../cluster.js';
import type { RoutingOptions } from '../../config.js';
import type { Frame } from '../../context.js';
import { bound, currentFrame } from '../../context.js';
import type { Held, Lease } from '../../lease.js';
import type { StatementInfo } from '../../request.js';
import { usePrimary } from '../../scopes.js';
import type { Answer, Notes, Orm, Rig } from '../conformance/rig.js';
import type { FakeServers } from './fake-servers.js';
import { lost } from './fake-servers.js';

/** Mistakes that an adapter can make; each must be caught by a spec. */
export type Fault =
  | 'reads-as-writes'
  | 'reads-leave-the-transaction'
  | 'locks-are-reads'
  | 'raw-is-a-read'
  | 'raw-is-never-routed'
  | 'children-are-asked-for-anew'
  | 'count-is-asked-for-anew'
  | 'writes-are-not-reported'
  | 'commit-is-not-told'
  | 'rollback-is-a-commit'
  | 'rows-are-not-counted'
  | 'builder-forgets-its-scope'
  | 'builder-heeds-only-its-scope'
  | 'errors-are-wrapped'
  | 'repeats-by-itself'
  | 'transaction-moves-on'
  | 'entity-is-not-told'
  | 'connects-at-once'
  | 'close-does-nothing'
  | 'refused-writes-go-to-the-primary'
  | 'stream-is-a-write'
  | 'read-only-is-ignored';

class Note {}

/** The smallest adapter: it shows what one does with the seam, and the kit is tested on it. */
export class FakeOrm implements Orm {
  readonly cluster: Cluster;
  readonly #servers: FakeServers;
  readonly #fault: Fault | undefined;

  constructor(servers: FakeServers, routing: RoutingOptions, fault?: Fault) {
    this.#servers = servers;
    this.#fault = fault;
    this.cluster = new Cluster(
      { ...routing, engine: 'postgres', databases: { default: {}, 'replica-1': {}, 'replica-2': {} }, probe: 'off' },
      { address: () => undefined, discard: () => undefined },
    );
    this.cluster.open();
    if (fault === 'connects-at-once')
      for (const { name } of this.cluster.databases.all) servers.server(name).connect(name);
  }

  read(id: number): Promise<Answer> {
    return this.#read(id, {});
  }

  async readWithChildren(id: number): Promise<readonly string[]> {
    return this.#call('children-are-asked-for-anew', id);
  }

  async page(): Promise<readonly string[]> {
    return this.#call('count-is-asked-for-anew', 0);
  }

  async write(id: number, text: string): Promise<void> {
    const work = (): Promise<void> =>
      this.#sending({ intent: 'write', writes: [Note] }, (lease) => {
        if (this.#fault !== 'writes-are-not-reported') lease.writing();
        this.#servers.commit(new Map([[id, text]]));
        lease.changed(1);
      });
    if (this.#fault !== 'refused-writes-go-to-the-primary') return work();
    return work().catch(() => usePrimary(work));
  }

  writeNothing(): Promise<void> {
    return this.#sending({ intent: 'write' }, (lease) => {
      lease.writing();
      lease.changed(this.#fault === 'rows-are-not-counted' ? undefined : 0);
    });
  }

  lockingRead(id: number): Promise<Answer> {
    return this.#read(id, { intent: this.#fault === 'locks-are-reads' ? 'read' : 'write' });
  }

  raw(): Promise<Answer> {
    if (this.#fault === 'raw-is-a-read') return this.#read(0, {});
    return this.#read(0, { home: this.#fault === 'raw-is-never-routed' ? 'primary' : 'raw' });
  }

  stream(): Promise<Answer> {
    return this.#read(0, { intent: this.#fault === 'stream-is-a-write' ? 'write' : 'read' });
  }

  builder(id: number): () => Promise<Answer> {
    const made: Frame = currentFrame();
    const frame = (): Frame => {
      if (this.#fault === 'builder-forgets-its-scope') return currentFrame();
      return this.#fault === 'builder-heeds-only-its-scope' ? made : bound(made, currentFrame());
    };
    return () => this.#read(id, { frame: frame() });
  }

  async slowRead(started: () => void): Promise<Pick<Answer, 'by'>> {
    return this.#sending({ intent: 'read', model: Note }, async ({ database }) => {
      started();
      await this.#servers.server(database.name).slowly();
      return { by: database.name };
    });
  }

  failingRead(): Promise<unknown> {
    const wrong = (): Promise<never> =>
      this.#sending({ intent: 'read' }, () => {
        throw Object.assign(new Error('relation "nothing" does not exist'), { code: '42P01' });
      });
    return this.#fault === 'repeats-by-itself' ? wrong().catch(wrong) : wrong();
  }

  transaction<T>(work: (notes: Notes) => Promise<T>): Promise<T> {
    return this.#transaction('write', work);
  }

  readTransaction<T>(work: (notes: Notes) => Promise<T>): Promise<T> {
    return this.#transaction(this.#fault === 'read-only-is-ignored' ? 'write' : 'read', work);
  }

  close(): Promise<void> {
    if (this.#fault !== 'close-does-nothing') this.cluster.close();
    return Promise.resolve();
  }

  async #transaction<T>(intent: 'read' | 'write', work: (notes: Notes) => Promise<T>): Promise<T> {
    const { lease } = await this.cluster.begin({ intent }, (opening) => Promise.resolve(this.#connect(opening)));
    const changes = new Map<number, string>();
    const { name } = lease.database;
    const send = <R>(answer: () => R): Promise<R> => {
      if (this.#servers.server(name).alive || this.#fault === 'transaction-moves-on') return Promise.resolve(answer());
      return Promise.reject(lost());
    };
    const inside = (id: number): Answer => ({
      by: name,
      text: changes.get(id) ?? this.#servers.server(name).notes.get(id),
    });
    const leaves = this.#fault === 'reads-leave-the-transaction';
    try {
      const result = await work({
        read: (id) => (leaves ? this.read(id) : send(() => inside(id))),
        lockingRead: (id) => send(() => inside(id)),
        raw: () => send(() => inside(0)),
        write: (id, text) => {
          this.cluster.confine({ intent: 'write', model: Note }, lease);
          return send(() => {
            lease.writing();
            changes.set(id, text);
            lease.changed(1);
          });
        },
      });
      await send(() => this.#servers.commit(changes));
      lease.end(this.#fault === 'commit-is-not-told' ? 'rolled-back' : 'committed');
      return result;
    } catch (error) {
      lease.end(this.#fault === 'rollback-is-a-commit' ? 'committed' : 'rolled-back');
      throw error;
    }
  }

  /** One call of the ORM that sends two statements. */
  async #call(fault: Fault, id: number): Promise<readonly string[]> {
    let held: Held | undefined;
    const by: string[] = [];
    for (let part = 0; part < 2; part += 1) {
      const answer = await this.#sending({ intent: 'read', model: Note, held }, (lease) => {
        held = this.#fault === fault ? undefined : lease.held;
        return this.#answer(lease, id);
      });
      by.push(answer.by);
    }
    return by;
  }

  #read(id: number, said: Partial<StatementInfo>): Promise<Answer> {
    const intent = this.#fault === 'reads-as-writes' ? 'write' : 'read';
    const model = this.#fault === 'entity-is-not-told' ? undefined : Note;
    return this.#sending({ intent, model, ...said }, (lease) => this.#answer(lease, id));
  }

  #answer({ database: { name } }: Lease, id: number): Answer {
    return { by: name, text: this.#servers.server(name).notes.get(id) };
  }

  #sending<T>(info: StatementInfo, answer: (lease: Lease) => T | Promise<T>): Promise<T> {
    return this.cluster.run(info, async (lease) => {
      this.#connect(lease);
      return answer(lease);
    });
  }

  #connect(lease: Lease): void {
    const { name } = lease.database;
    try {
      this.#servers.server(name).connect(name);
    } catch (error) {
      throw this.#fault === 'errors-are-wrapped' ? new Error('the database failed') : error;
    }
    lease.sending();
  }
}

/** A rig over servers in memory. */
export function fakeRig(servers: FakeServers, fault?: Fault): Rig {
  return { servers, open: (routing) => Promise.resolve().then(() => new FakeOrm(servers, routing, fault)) };
}
