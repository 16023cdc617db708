import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { MarksWrite, UseDatabase, UsePrimary, UseReplica } from '../../src/decorators.js';
import { runInSession } from '../../src/scopes.js';
import { asking } from '../support/asked.js';
import { refusal } from '../support/thrown.js';
import { turns } from '../support/turns.js';

const { cause, where, writes } = asking();

/** Marks a method as frameworks do. */
function Route(path: string): MethodDecorator {
  return (_target, _key, { value }) => Reflect.defineMetadata('path', path, value as object);
}

class Archive {
  inherited(): string {
    return cause();
  }
}

const symbol = Symbol('a method');

@UsePrimary()
class Orders extends Archive {
  static readonly label = 'Orders';
  readonly name: string;
  readonly made = cause();
  readonly field = (): string => cause();

  constructor(name = 'orders') {
    super();
    this.name = name;
  }

  @Route('/sync')
  sync(a: number, b = 2): readonly unknown[] {
    return [this.name, a, b, cause()];
  }

  async later(): Promise<string> {
    await turns();
    return cause();
  }

  async *stream(): AsyncGenerator<string> {
    yield cause();
    await turns();
    yield cause();
  }

  [symbol](): string {
    return cause();
  }

  @UseReplica()
  replica(): string {
    return cause();
  }

  get accessor(): string {
    return cause();
  }

  static shared(): string {
    return `${this.label} ${cause()}`;
  }
}

const orders = new Orders();
const descriptor = (key: string): PropertyDescriptor | undefined =>
  Object.getOwnPropertyDescriptor(Orders.prototype, key);

describe('a class decorated with experimentalDecorators', () => {
  it('runs each of its methods in the scope, with its this and its arguments', async () => {
    expect(orders.sync(1)).toEqual(['orders', 1, 2, 'usePrimary']);
    expect(await orders.later()).toBe('usePrimary');
    expect(orders[symbol]()).toBe('usePrimary');
    const seen: string[] = [];
    for await (const step of orders.stream()) seen.push(step, cause());
    expect(seen).toEqual(['usePrimary', 'ReplicaRouter', 'usePrimary', 'ReplicaRouter']);
  });

  it('leaves the scope of a method nearest to it', () => {
    expect(orders.replica()).toBe('useReplica');
  });

  it('leaves its constructor, accessors, fields, static methods and inherited methods alone', () => {
    expect([orders.made, orders.accessor, orders.field(), orders.inherited()]).toEqual(Array(4).fill('ReplicaRouter'));
    expect(Orders.shared()).toBe('Orders ReplicaRouter');
    expect(new Orders('others').name).toBe('others');
    expect(Orders.prototype.constructor).toBe(Orders);
  });

  it('keeps the metadata, names, lengths and attributes of its methods', () => {
    expect(Reflect.getMetadata('path', orders.sync)).toBe('/sync');
    expect(Reflect.getMetadata('design:returntype', Orders.prototype, 'replica')).toBe(String);
    expect([orders.sync.name, orders.sync.length]).toEqual(['sync', 1]);
    expect(descriptor('sync')).toMatchObject({ enumerable: false, writable: true, configurable: true });
    expect(Object.keys(orders)).not.toContain('sync');
  });

  it('lends its scope to the classes that extend it, in the methods that are its own', () => {
    class Special extends Orders {
      own(): string {
        return cause();
      }
    }
    const special = new Special();
    expect([special.own(), special[symbol]()]).toEqual(['ReplicaRouter', 'usePrimary']);
  });

  it('may be abstract', () => {
    @UsePrimary()
    abstract class Reports {
      abstract title(): string;
      read(): string {
        return cause();
      }
    }
    class Daily extends Reports {
      title(): string {
        return cause();
      }
    }
    const daily = new Daily();
    expect([daily.title(), daily.read()]).toEqual(['ReplicaRouter', 'usePrimary']);
  });
});

describe('the other decorators on a class', () => {
  it('@UseReplica() reads from replicas and refuses writes', async () => {
    @UseReplica()
    class Reports {
      read(): string {
        return cause();
      }
      write(): string {
        return writes();
      }
    }
    expect(new Reports().read()).toBe('useReplica');
    expect(await refusal('SLUICE_REPLICA_WRITE', () => new Reports().write())).toContain('useReplica');
  });

  it('@UseDatabase() reads from exactly that database', () => {
    @UseDatabase('replica-2')
    class Reports {
      read(): string {
        return where();
      }
    }
    expect(new Reports().read()).toBe('replica-2');
  });

  it('@MarksWrite() marks the session, however many of its methods are called', async () => {
    @MarksWrite()
    class Files {
      save(): string {
        return cause();
      }
    }
    await runInSession((session) => {
      expect([session.marked, new Files().save(), session.marked]).toEqual([false, 'usePrimary', true]);
    });
  });

  it('{ cluster } limits it to that cluster', () => {
    @UsePrimary({ cluster: 'another' })
    class Reports {
      read(): string {
        return cause();
      }
    }
    expect(new Reports().read()).toBe('ReplicaRouter');
  });
});
