import { describe, expect, it } from '@jest/globals';
import { MarksWrite, UseDatabase, UsePrimary, UseReplica } from '../../src/decorators.js';
import { runInSession, usePrimary } from '../../src/scopes.js';
import { asking } from '../support/asked.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { turns } from '../support/turns.js';

const { cause, where, writes } = asking();
const bug = new Error('a bug in a method');

class Orders {
  readonly name = 'orders';
  static readonly label = 'Orders';

  plain(): string {
    return cause();
  }

  @UsePrimary()
  sync(a: number, b = 2): readonly unknown[] {
    return [this.name, a, b, cause()];
  }

  @UsePrimary()
  async later(): Promise<string[]> {
    const before = cause();
    await turns();
    return [before, cause()];
  }

  @UsePrimary()
  *each(): Generator<string, string> {
    yield cause();
    yield this.name;
    return cause();
  }

  @UsePrimary()
  async *stream(): AsyncGenerator<string> {
    yield cause();
    await turns();
    yield cause();
  }

  @UsePrimary()
  static shared(): string {
    return `${this.label} ${cause()}`;
  }

  @UsePrimary()
  throws(): never {
    throw bug;
  }

  @UsePrimary()
  async rejects(): Promise<never> {
    await turns();
    throw bug;
  }

  @UseReplica()
  replica(): readonly [string, () => string] {
    return [cause(), writes];
  }

  @UseReplica()
  writesInReplica(): string {
    return writes();
  }

  @UseDatabase('replica-2')
  named(): readonly [string, string] {
    return [cause(), where()];
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
    return [cause(), this.replica()[0], cause()];
  }

  @UseReplica()
  @UsePrimary()
  twice(): string {
    return cause();
  }

  @UsePrimary()
  ['with a computed name'](): string {
    return cause();
  }
}

const orders = new Orders();

describe('a method decorated with experimentalDecorators', () => {
  it('runs in its scope, with its this and its arguments', () => {
    expect(orders.sync(1)).toEqual(['orders', 1, 2, 'usePrimary']);
    expect(orders.sync(1, 3)).toEqual(['orders', 1, 3, 'usePrimary']);
  });

  it('keeps its scope across its awaits', async () => {
    expect(await orders.later()).toEqual(['usePrimary', 'usePrimary']);
  });

  it('keeps its scope in each step of a generator', () => {
    const generator = orders.each();
    expect([generator.next(), generator.next(), generator.next()]).toEqual([
      { done: false, value: 'usePrimary' },
      { done: false, value: 'orders' },
      { done: true, value: 'usePrimary' },
    ]);
  });

  it('keeps its scope in each step of an async generator, and leaves its consumer alone', async () => {
    const seen: string[] = [];
    for await (const step of orders.stream()) seen.push(step, cause());
    expect(seen).toEqual(['usePrimary', 'ReplicaRouter', 'usePrimary', 'ReplicaRouter']);
  });

  it('may be static', () => {
    expect(Orders.shared()).toBe('Orders usePrimary');
  });

  it('may have a computed name', () => {
    expect(orders['with a computed name']()).toBe('usePrimary');
  });

  it('throws and rejects as it did, and leaves no scope behind', async () => {
    expect(await thrownBy(() => orders.throws())).toBe(bug);
    expect(await thrownBy(() => orders.rejects())).toBe(bug);
    expect(cause()).toBe('ReplicaRouter');
  });

  it('leaves methods that are not decorated alone', () => {
    expect(orders.plain()).toBe('ReplicaRouter');
    expect(usePrimary(() => orders.plain())).toBe('usePrimary');
  });

  it('nests, and restores what it found', () => {
    expect(orders.outer()).toEqual(['usePrimary', 'useReplica', 'usePrimary']);
  });

  it('is in the scope of the decorator nearest to it', () => {
    expect(orders.twice()).toBe('usePrimary');
  });

  it('can be called by many at once', async () => {
    const seen = await Promise.all([
      orders.later(),
      Promise.resolve(orders.replica()[0]),
      orders.later(),
      turns().then(cause),
    ]);
    expect(seen).toEqual([['usePrimary', 'usePrimary'], 'useReplica', ['usePrimary', 'usePrimary'], 'ReplicaRouter']);
  });

  it('is found in the classes that extend its own, and called by their methods', () => {
    class Archive extends Orders {
      override sync(a: number): readonly unknown[] {
        return [cause(), ...super.sync(a)];
      }
    }
    expect(new Archive().sync(1)).toEqual(['ReplicaRouter', 'orders', 1, 2, 'usePrimary']);
  });
});

describe('@UseReplica()', () => {
  it('reads from replicas and refuses writes', async () => {
    expect(orders.replica()[0]).toBe('useReplica');
    expect(await refusal('SLUICE_REPLICA_WRITE', () => orders.writesInReplica())).toContain('useReplica');
  });
});

describe('@UseDatabase()', () => {
  it('reads from exactly that database', () => {
    expect(orders.named()).toEqual(['useDatabase', 'replica-2']);
  });
});

describe('@MarksWrite()', () => {
  it('reads from the primary, and marks the session for the next request only', async () => {
    await runInSession((session) => {
      expect(orders.marks()).toBe('usePrimary');
      expect([session.marked, session.pinned(), cause()]).toEqual([true, false, 'ReplicaRouter']);
    });
  });

  it('reads from the primary outside a session, too', () => {
    expect(orders.marks()).toBe('usePrimary');
  });
});

describe('{ cluster }', () => {
  it('limits a decorator to that cluster', () => {
    expect(orders.elsewhere()).toBe('ReplicaRouter');
  });
});
