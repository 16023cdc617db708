// A user's CommonJS module. Prints what it sees as one line of JSON.
const core = require('@sluice/core');
const kit = require('@sluice/core/testing');
const testbed = require('@sluice/testbed');
const adapter = require('@sluice/typeorm');
const { DataSource } = require('typeorm');

const dataSource = new adapter.RoutedDataSource(
  { type: 'mariadb', username: 'app', database: 'shop' },
  { databases: { default: { host: 'db-1' }, 'replica-1': { host: 'db-2' } }, router: 'ReplicaRouter' },
);
async function main() {
  const imported = await import('@sluice/core');
  return {
    isDataSource: dataSource instanceof DataSource,
    databases: dataSource.cluster.databases.all.map(({ name, role }) => `${name}: ${role}`),
    inScope: await core.usePrimary(async () => 'the answer of the work'),
    sameCore: adapter.usePrimary === core.usePrimary && imported.usePrimary === core.usePrimary,
    sameAdapter: (await import('@sluice/typeorm')).RoutedDataSource === adapter.RoutedDataSource,
    kit: typeof kit.ManualClock,
    testbed: typeof testbed.startCluster,
    version: require('@sluice/core/package.json').version,
  };
}
void main().then((seen) => console.log(JSON.stringify(seen)));
