// A user's TypeScript program: compiled as an ES module and as CommonJS. Prints what it sees as one line of JSON.
import 'reflect-metadata';
import { type RouteRequest, ReplicaRouter, RoutedDataSource, Router, UsePrimary, runInSession } from '@sluice/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;
}

class AuditRouter extends Router {
  override dbForRead({ model }: RouteRequest): string | undefined {
    return model === 'Audit' ? 'replica-2' : undefined;
  }
}

const dataSource: DataSource = new RoutedDataSource(
  { type: 'postgres', username: 'app', database: 'shop', entities: [Order] },
  {
    databases: { default: { host: 'db-1' }, 'replica-1': { host: 'db-2' }, 'replica-2': { host: 'db-3' } },
    routers: [new AuditRouter(), ReplicaRouter],
  },
);

class Checkout {
  readonly #title = 'tea';

  @UsePrimary()
  async title(): Promise<string> {
    return this.#title;
  }
}

async function main(): Promise<void> {
  const title = await runInSession(() => new Checkout().title());
  const metadata: unknown = Reflect.getMetadata('design:type', Order.prototype, 'id');
  console.log(
    JSON.stringify({
      title,
      isDataSource: dataSource instanceof DataSource,
      hasMetadata: metadata === Number,
    }),
  );
}

void main();
