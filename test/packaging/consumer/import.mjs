// A user's ES module. Prints what it sees as one line of JSON.
import { createRequire } from 'node:module';
import * as core from '@sluice/core';
import * as kit from '@sluice/core/testing';
import * as testbed from '@sluice/testbed';
import * as adapter from '@sluice/typeorm';
import { DataSource } from 'typeorm';

const require = createRequire(import.meta.url);
const dataSource = new adapter.RoutedDataSource(
  { type: 'mariadb', username: 'app', database: 'shop' },
  { databases: { default: { host: 'db-1' }, 'replica-1': { host: 'db-2' } }, router: 'ReplicaRouter' },
);
console.log(
  JSON.stringify({
    isDataSource: dataSource instanceof DataSource,
    databases: dataSource.cluster.databases.all.map(({ name, role }) => `${name}: ${role}`),
    inScope: await core.usePrimary(async () => 'the answer of the work'),
    sameCore: adapter.usePrimary === core.usePrimary && require('@sluice/core').usePrimary === core.usePrimary,
    sameAdapter: require('@sluice/typeorm').RoutedDataSource === adapter.RoutedDataSource,
    kit: typeof kit.ManualClock,
    testbed: typeof testbed.startCluster,
    version: require('@sluice/core/package.json').version,
  }),
);
