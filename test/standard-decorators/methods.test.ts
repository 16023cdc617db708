import { describe, expect, it } from '@jest/globals';
import {
  Cluster,
  MarksWrite,
  ReplicaRouter,
  runInSession,
  UseDatabase,
  usePrimary,
  UsePrimary,
  UseReplica,
} from '@sluice/core';

const cluster = new Cluster(
  { engine: 'postgres', databases: { default: {}, 'replica-1': {}, 'replica-2': {} }, router: ReplicaRouter },
  { address: () => undefined, discard: () => {} },
);
const cause = (): string => cluster.explain({ intent: 'read' }).cause;
const writes = (): string => cluster.explain({ intent: 'write' }).cause;
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const bug = new Error('a bug in a method');

class Orders {
  readonly name = 'orders';
  readonly #secret = 'secret';
  static readonly label = 'Orders';

  plain(): string {
    return cause();
  }

  @UsePrimary()
  sync(a: number, b = 2): readonly unknown[] {
    return [this.name, this.#secret, a, b, cause()];
  }

  @UsePrimary()
  async later(): Promise<string[]> {
    const before = cause();
    await turn();
    return [before, cause()];
  }

  @UsePrimary()
  *each(): Generator<string, string> {
    yield cause();
    return cause();
  }

  @UsePrimary()
  async *stream(): AsyncGenerator<string> {
    yield cause();
    await turn();
    yield cause();
  }

  @UsePrimary()
  static shared(): string {
    return `${this.label} ${cause()}`;
  }

  @UsePrimary()
  async rejects(): Promise<never> {
    await turn();
    throw bug;
  }

  @UseReplica()
  replica(): string {
    return cause();
  }

  @UseReplica()
  writes(): string {
    return writes();
  }

  @UseDatabase('replica-2')
  named(): string {
    return cluster.explain({ intent: 'read' }).database.name;
  }

  @MarksWrite()
  marks(): string {
    return cause();
  }

  @UsePrimary({ cluster: 'another' })
  elsewhere(): string {
    return cause();
  }

  @UsePrimary()
  outer(): string[] {
    return [cause(), this.replica(), cause(), this.#hidden()];
  }

  @UseReplica()
  #hidden(): string {
    return cause();
  }
}

const orders = new Orders();

describe('a method decorated with a standard decorator', () => {
  it('runs in its scope, with its this and its arguments', () => {
    expect(orders.sync(1)).toEqual(['orders', 'secret', 1, 2, 'usePrimary']);
    expect(orders.sync(1, 3)).toEqual(['orders', 'secret', 1, 3, 'usePrimary']);
  });

  it('keeps its scope across its awaits', async () => {
    expect(await orders.later()).toEqual(['usePrimary', 'usePrimary']);
  });

  it('keeps its scope in each step of a generator', () => {
    const generator = orders.each();
    expect([generator.next().value, generator.next().value]).toEqual(['usePrimary', 'usePrimary']);
  });

  it('keeps its scope in each step of an async generator, and leaves its consumer alone', async () => {
    const seen: string[] = [];
    for await (const step of orders.stream()) seen.push(step, cause());
    expect(seen).toEqual(['usePrimary', 'ReplicaRouter', 'usePrimary', 'ReplicaRouter']);
  });

  it('may be static', () => {
    expect(Orders.shared()).toBe('Orders usePrimary');
  });

  it('rejects as it did, and leaves no scope behind', async () => {
    await expect(orders.rejects()).rejects.toBe(bug);
    expect(cause()).toBe('ReplicaRouter');
  });

  it('leaves methods that are not decorated alone', () => {
    expect(orders.plain()).toBe('ReplicaRouter');
    expect(usePrimary(() => orders.plain())).toBe('usePrimary');
  });

  it('nests, restores what it found, and may be private', () => {
    expect(orders.outer()).toEqual(['usePrimary', 'useReplica', 'usePrimary', 'useReplica']);
  });

  it('keeps its name and its length', () => {
    expect(Orders.prototype.sync.name).toBe('sync');
    expect(Orders.prototype.sync).toHaveLength(1);
    expect(Orders.shared.name).toBe('shared');
  });
});

describe('the other decorators', () => {
  it('@UseReplica() reads from replicas and refuses writes', () => {
    expect(orders.replica()).toBe('useReplica');
    expect(() => orders.writes()).toThrow(expect.objectContaining({ code: 'SLUICE_REPLICA_WRITE' }));
  });

  it('@UseDatabase() reads from exactly that database', () => {
    expect(orders.named()).toBe('replica-2');
  });

  it('@MarksWrite() reads from the primary and marks the session for the next request', async () => {
    await runInSession((session) => {
      expect(orders.marks()).toBe('usePrimary');
      expect([session.marked, session.pinned()]).toEqual([true, false]);
    });
  });

  it('hold for one cluster only, if told so', () => {
    expect(orders.elsewhere()).toBe('ReplicaRouter');
  });
});
