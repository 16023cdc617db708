/**
 * Small and quick, for data nobody wants to keep when the machine stops. `innodb-flush-log-at-trx-commit` is 2 and not 0:
 * with 0 a killed server forgets rows that its replicas have. The doublewrite buffer stays: SIGKILL tears a page in the
 * middle of being written (in memory, too: at every 4 KB), and without it a server so killed does not start again.
 */
export const MARIADB_SETTINGS: readonly string[] = [
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-flush-method=nosync',
  '--innodb-fast-shutdown=2',
  '--innodb-buffer-pool-size=16M',
  '--innodb-buffer-pool-dump-at-shutdown=0',
  '--innodb-buffer-pool-load-at-startup=0',
  '--innodb-log-file-size=4M',
  '--innodb-log-buffer-size=2M',
  '--innodb-data-file-path=ibdata1:5M:autoextend',
  '--innodb-autoextend-increment=1', // its default adds 64 MB to every copy
  '--innodb-temp-data-file-path=ibtmp1:4M:autoextend',
  '--sync-binlog=0',
  '--performance-schema=OFF',
  '--key-buffer-size=1M',
  '--aria-pagecache-buffer-size=1M',
  '--table-open-cache=200',
  '--thread-cache-size=16',
  '--skip-name-resolve',
];

/**
 * Written without GTIDs, so every copy starts at the same position. The administrator has no password and no TCP
 * account: who may open the socket file in the server's own folder is one.
 */
export const MARIADB_USERS = `
CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'repl';
GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO repl@'127.0.0.1';
CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app';
GRANT ALL ON \`app%\`.* TO app@'127.0.0.1';
GRANT SLAVE MONITOR, BINLOG MONITOR, PROCESS ON *.* TO app@'127.0.0.1';
CREATE DATABASE app CHARACTER SET utf8mb4;
`;
