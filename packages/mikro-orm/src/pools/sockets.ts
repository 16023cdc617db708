interface RawSocket {
  destroy(error?: Error): void;
  unref?(): void;
}

/** Drivers' own connections: `mysql2`, `pg`, and the `mariadb` connector of MikroORM 6. */
interface RawConnection {
  readonly __knexUid?: string;
  readonly stream?: RawSocket;
  readonly connection?: { readonly stream?: RawSocket };
  /** Of `mysql2`. */
  readonly _command?: unknown;
  _notifyError?(error: Error): void;
  /** Of `pg`. */
  readonly readyForQuery?: boolean;
  on?(event: 'error', listener: () => void): void;
  destroy?(): void;
  /** How knex knows a connection that must not be used again. */
  __knex__disposed?: unknown;
}

const noop = (): void => undefined;

/** Whether a statement is under way on it. */
export function isBusy(connection: object): boolean {
  const raw = connection as RawConnection;
  if (raw.readyForQuery !== undefined) return !raw.readyForQuery;
  return raw._command !== undefined && raw._command !== null;
}

/** Lets the process end although it is open. */
export function unref(connection: object): void {
  const raw = connection as RawConnection;
  (raw.connection?.stream ?? raw.stream)?.unref?.();
}

/** Closes a connection at once, failing what is under way on it; a frozen server is not waited for. */
export function destroy(connection: object, reason: Error): void {
  const raw = connection as RawConnection;
  raw.on?.('error', noop);
  if (raw.__knexUid !== undefined) raw.__knex__disposed ??= reason;
  const postgres = raw.connection?.stream;
  if (postgres !== undefined) {
    postgres.destroy(reason);
    return;
  }
  // mysql2's own destroy() leaves the socket of a frozen peer open
  raw.stream?.destroy(reason);
  raw.destroy?.();
  // and it takes no notice of a reset once it is closing
  setImmediate(() => {
    if (isBusy(connection)) raw._notifyError?.(reason);
  });
}
