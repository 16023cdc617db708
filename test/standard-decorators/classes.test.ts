import { describe, expect, it } from '@jest/globals';
import { Cluster, ReplicaRouter, UsePrimary, UseReplica } from '@sluice/core';

const cluster = new Cluster(
  { engine: 'postgres', databases: { default: {}, 'replica-1': {}, 'replica-2': {} }, router: ReplicaRouter },
  { address: () => undefined, discard: () => {} },
);
const cause = (): string => cluster.explain({ intent: 'read' }).cause;

@UsePrimary()
class Orders {
  readonly #name = 'orders';
  readonly made = cause();
  readonly field = (): string => cause();

  sync(a: number): readonly unknown[] {
    return [this.#name, a, cause()];
  }

  async later(): Promise<string> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return cause();
  }

  @UseReplica()
  replica(): string {
    return cause();
  }

  get value(): string {
    return cause();
  }

  static shared(): string {
    return cause();
  }
}

const orders = new Orders();

describe('a class decorated with a standard decorator', () => {
  it('runs each of its methods in the scope, with its this and its arguments', async () => {
    expect(orders.sync(1)).toEqual(['orders', 1, 'usePrimary']);
    expect(await orders.later()).toBe('usePrimary');
  });

  it('leaves the scope of a method nearest to it', () => {
    expect(orders.replica()).toBe('useReplica');
  });

  it('leaves its constructor, accessors, fields and static methods alone', () => {
    expect([orders.made, orders.value, orders.field(), Orders.shared()]).toEqual(Array(4).fill('ReplicaRouter'));
    expect(Orders.prototype.constructor).toBe(Orders);
  });

  it('keeps the names and lengths of its methods', () => {
    expect([Orders.prototype.sync.name, Orders.prototype.sync.length]).toEqual(['sync', 1]);
  });
});
