import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster, TestbedError } from '@sluice/testbed';
import type { Arguments, Orm } from './arguments.js';
import { argumentsOf, USAGE, UsageError } from './arguments.js';
import type { Figures } from './figures.js';
import { openMikroOrmShops } from './mikro-orm/open-shops.js';
import type { Progress } from './progress.js';
import { progressOn } from './progress.js';
import { report } from './report.js';
import type { Shops } from './shop.js';
import { story } from './story.js';
import { openTypeOrmShops } from './typeorm/open-shops.js';

const SHOPS: Readonly<Record<Orm, (servers: Servers) => Promise<Shops>>> = {
  typeorm: openTypeOrmShops,
  'mikro-orm': openMikroOrmShops,
};

/** As shells number them: 128 + the signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

try {
  const given = argumentsOf(process.argv.slice(2));
  if (given.help) console.log(USAGE);
  else process.exitCode = await main(given);
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof TestbedError)) throw error;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}

async function main(given: Arguments): Promise<number> {
  const progress = progressOn(process.stderr);
  const stopping = new AbortController();
  let signalled: number | undefined;
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      // a second Ctrl-C does not wait: the testbed's servers end with this process
      if (signalled !== undefined) process.exit(code);
      signalled = code;
      progress.step('stopping the servers');
      stopping.abort();
    });
  }
  try {
    const figures = await run(given, progress, stopping.signal);
    progress.done();
    console.log(given.json ? JSON.stringify(figures, undefined, 2) : `\n${report(figures)}`);
    return 0;
  } catch (error) {
    if (signalled === undefined) {
      progress.failed();
      throw error;
    }
    progress.done();
    return signalled;
  }
}

async function run(given: Arguments, progress: Progress, stop: AbortSignal): Promise<Figures> {
  progress.step('starting PostgreSQL: a primary and two replicas');
  const servers = await startCluster({ engine: 'postgres', replicas: 2 });
  try {
    stop.throwIfAborted();
    const where = servers.servers.map(({ name, port }) => `${name} on ${port}`).join(', ');
    progress.step(`opening the shops (${where})`);
    const shops = await SHOPS[given.orm](servers);
    try {
      return await story({ arguments: given, servers, shops, progress, stop });
    } finally {
      await Promise.all([shops.stock.close(), shops.sluice.close()]);
    }
  } finally {
    await servers.stop();
  }
}
