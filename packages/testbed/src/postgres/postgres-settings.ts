/**
 * Small and quick, for data nobody wants to keep when the machine stops. It goes to postgresql.conf, not to the command
 * line, so that ALTER SYSTEM can still change it. Shared memory is `mmap`: with `posix` a killed server leaves its
 * segments in /dev/shm. Full pages go to the WAL: SIGKILL tears a page in the middle of being written. `wal_keep_size`
 * lets a rebuilt server replay all that a test has written. A standby may not admit fewer clients than the primary did
 * when its data was made, so the number belongs to the template.
 */
export function postgresSettings(maxConnections: number): string {
  const forSuperusers = 3;
  return `
fsync = off
shared_buffers = 16MB
dynamic_shared_memory_type = mmap
max_connections = ${maxConnections + forSuperusers}
superuser_reserved_connections = ${forSuperusers}
wal_level = replica
wal_keep_size = 256MB
min_wal_size = 32MB
max_wal_size = 256MB
max_wal_senders = 10
hot_standby = on
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 100ms
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
checkpoint_timeout = 30min
bgwriter_lru_maxpages = 0
max_parallel_workers_per_gather = 0
autovacuum = off
jit = off
logging_collector = off
listen_addresses = '127.0.0.1'
include_if_exists = 'upstream.conf'
`;
}

/** The superuser has no password for TCP: who may open the socket file in the server's own folder is one. */
export const POSTGRES_ACCESS = `
local all all trust
host all all 127.0.0.1/32 scram-sha-256
host replication repl 127.0.0.1/32 scram-sha-256
`;

/** One statement a line. */
export const POSTGRES_USERS = `
CREATE ROLE repl LOGIN REPLICATION PASSWORD 'repl'
CREATE ROLE app LOGIN PASSWORD 'app'
GRANT pg_monitor TO app
CREATE DATABASE app OWNER app
`;
