// @ts-check
import { EntitySchema } from '@mikro-orm/core';
import { MariaDbDriver } from '@mikro-orm/mariadb';
import { Migration, Migrator } from '@mikro-orm/migrations';
import { MultiPrimaryRouter, routed } from '@sluice/mikro-orm';

/** The configuration that the command line reads in its test; the servers come from there. */
class Note {}
class Once extends Migration {
  up() {
    this.addSql('create table note (id int primary key)');
    this.addSql('insert into note values (1)');
  }
}

export default {
  driver: routed(MariaDbDriver, {
    databases: JSON.parse(process.env['TEST_DATABASES'] ?? '{}'),
    router: new MultiPrimaryRouter(),
  }),
  dbName: 'app',
  entities: [new EntitySchema({ class: Note, properties: { id: { type: 'integer', primary: true } } })],
  extensions: [Migrator],
  migrations: { migrationsList: [{ name: 'Once', class: Once }], allOrNothing: false, snapshot: false },
};
