/** Rows that every shop starts with; ids count from 1. */
export const PRODUCTS = 50;
export const CUSTOMERS = 100;

/** What a read answers. */
export interface Answer {
  /** The port of the server that answered, as that server says. */
  readonly servedBy: number;
}

/** An order as it was written. */
export interface Written {
  readonly id: number;
  readonly version: number;
}

/** A customer's page: the version of each order on it, by id. */
export interface Account extends Answer {
  readonly versions: ReadonlyMap<number, number>;
}

/** A small shop. Each method but `request` is one call of its ORM. */
export interface Shop {
  /** Everything in `work` is done for one request of one user. */
  request(work: () => Promise<void>): Promise<void>;
  /** A page of products. */
  browse(page: number): Promise<Answer>;
  product(id: number): Promise<Answer>;
  /** Writes a new order. */
  buy(customer: number): Promise<Written>;
  /** Changes an order: the one that its customer has from the start. */
  change(customer: number): Promise<Written>;
  account(customer: number): Promise<Account>;
  close(): Promise<void>;
}

/** The two shops that are compared: the ORM as it comes, and the same with Sluice. */
export const SIDES = ['stock', 'sluice'] as const;
export type Side = (typeof SIDES)[number];
export type Shops = Readonly<Record<Side, Shop>>;
