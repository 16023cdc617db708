import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { LockMode } from '@mikro-orm/postgresql';
import type { Account, Answer, Shop, Written } from '../shop.js';
import { Customer, Order, Product } from './entities.js';

const PAGE = 10;

/** The shop on MikroORM: this code is the same for both. Each of its methods is one unit of work, in a fork of its own. */
export class MikroOrmShop implements Shop {
  readonly request: Shop['request'];
  readonly close: Shop['close'];
  readonly #orm: MikroORM;

  /** `request` is what the application puts around each of its requests. */
  constructor(orm: MikroORM, { request, close }: Pick<Shop, 'request' | 'close'>) {
    this.#orm = orm;
    this.request = request;
    this.close = close;
  }

  async browse(page: number): Promise<Answer> {
    const [first] = await this.#fork().find(Product, {}, { orderBy: { id: 'asc' }, offset: page * PAGE, limit: PAGE });
    if (first === undefined) throw new Error('a row of the start of the shop is missing');
    return first;
  }

  product(id: number): Promise<Answer> {
    return this.#fork().findOneOrFail(Product, { id });
  }

  async buy(customer: number): Promise<Written> {
    const em = this.#fork();
    const order = em.create(Order, { title: 'a new order', customer });
    await em.flush();
    return order;
  }

  change(customer: number): Promise<Written> {
    return this.#fork().transactional(async (em) => {
      // the order that each customer has from the start bears the customer's number
      const order = await em.findOneOrFail(Order, { id: customer }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      order.title = `changed at ${performance.now()}`;
      return order; // its new version is there once this is committed
    });
  }

  async account(customer: number): Promise<Account> {
    const { servedBy, orders } = await this.#fork().findOneOrFail(
      Customer,
      { id: customer },
      { populate: ['orders'], strategy: 'joined' },
    );
    return { servedBy, versions: new Map(orders.getItems().map(({ id, version }) => [id, version])) };
  }

  #fork(): EntityManager {
    return this.#orm.em.fork();
  }
}
