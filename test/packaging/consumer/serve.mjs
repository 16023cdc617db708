// A user's program on real servers. Prints which server answered as one line of JSON.
import { available, startCluster } from '@sluice/testbed';
import { PinningReplicaRouter, RoutedDataSource, runInSession, usePrimary } from '@sluice/typeorm';
import { EntitySchema } from 'typeorm';

// PostgreSQL comes with npm where MariaDB is not installed
const engine = available('mariadb') ? 'mariadb' : 'postgres';
const who = engine === 'mariadb' ? 'SELECT @@port' : 'SELECT inet_server_port()';

const Order = new EntitySchema({
  name: 'Order',
  columns: {
    id: { type: Number, primary: true, generated: true },
    title: { type: String },
    servedBy: { type: Number, virtualProperty: true, query: () => who },
  },
});
const servers = await startCluster({ engine, replicas: 1 });
const databases = Object.fromEntries(
  Object.entries(servers.databases).map(([name, { user, ...rest }]) => [name, { username: user, ...rest }]),
);
const dataSource = await new RoutedDataSource(
  { type: engine, entities: [Order], synchronize: true },
  { databases, router: new PinningReplicaRouter() },
).initialize();
const named = ({ servedBy }) => servers.servers.find(({ port }) => port === servedBy)?.name;

try {
  const orders = dataSource.getRepository('Order');
  const { id } = await orders.save({ title: 'tea' });
  await servers.caughtUp();
  const read = async () => named(await orders.findOneByOrFail({ id }));
  const afterWrite = await runInSession(async () => {
    await orders.save({ title: 'cake' });
    return read();
  });
  console.log(JSON.stringify({ plain: await read(), inScope: await usePrimary(read), afterWrite }));
} finally {
  await dataSource.destroy();
  await servers.stop();
}
