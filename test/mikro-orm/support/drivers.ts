export { MariaDbDriver } from '@mikro-orm/mariadb';
export { MySqlDriver } from '@mikro-orm/mysql';
export { PostgreSqlDriver } from '@mikro-orm/postgresql';
