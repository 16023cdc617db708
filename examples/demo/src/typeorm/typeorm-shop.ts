import type { DataSource } from 'typeorm';
import type { Account, Answer, Shop, Written } from '../shop.js';
import { Customer, Order, Product } from './entities.js';

const PAGE = 10;

/** The shop on TypeORM: this code is the same for both data sources. */
export class TypeOrmShop implements Shop {
  readonly request: Shop['request'];
  readonly #dataSource: DataSource;

  /** `request` is what the application puts around each of its requests. */
  constructor(dataSource: DataSource, request: Shop['request']) {
    this.#dataSource = dataSource;
    this.request = request;
  }

  async browse(page: number): Promise<Answer> {
    const products = await this.#dataSource
      .getRepository(Product)
      .find({ order: { id: 'ASC' }, skip: page * PAGE, take: PAGE });
    return firstOf(products);
  }

  product(id: number): Promise<Answer> {
    return this.#dataSource.getRepository(Product).findOneByOrFail({ id });
  }

  buy(customer: number): Promise<Written> {
    return this.#dataSource.getRepository(Order).save({ title: 'a new order', customer: { id: customer } });
  }

  change(customer: number): Promise<Written> {
    // the order that each customer has from the start bears the customer's number
    return this.#dataSource.getRepository(Order).save({ id: customer, title: `changed at ${performance.now()}` });
  }

  async account(customer: number): Promise<Account> {
    const { servedBy, orders } = firstOf(
      await this.#dataSource.getRepository(Customer).find({ where: { id: customer }, relations: { orders: true } }),
    );
    return { servedBy, versions: new Map(orders.map(({ id, version }) => [id, version])) };
  }

  close(): Promise<void> {
    return this.#dataSource.destroy();
  }
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('a row of the start of the shop is missing');
  return first;
}
