/** Small and quick, for data nobody wants to keep when the machine stops. The doublewrite buffer stays, as for MariaDB. */
export const MYSQL_SETTINGS: readonly string[] = [
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-flush-method=nosync',
  '--innodb-buffer-pool-size=16M',
  '--innodb-buffer-pool-dump-at-shutdown=0',
  '--innodb-buffer-pool-load-at-startup=0',
  '--innodb-redo-log-capacity=16M',
  '--innodb-log-buffer-size=1M',
  '--innodb-use-native-aio=0',
  '--sync-binlog=0',
  '--mysqlx=OFF',
  '--performance-schema=OFF',
  '--table-open-cache=200',
  '--skip-name-resolve',
  '--secure-file-priv=NULL', // else it wants a folder that only a package creates
];

/** Written without GTIDs, so every copy starts at the same position. One statement a line. */
export const MYSQL_USERS = `
CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'repl';
GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1';
CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app';
GRANT ALL ON \`app%\`.* TO app@'127.0.0.1';
GRANT REPLICATION CLIENT, PROCESS ON *.* TO app@'127.0.0.1';
CREATE DATABASE app;
`;
