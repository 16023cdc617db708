import { TestbedError } from '@sluice/testbed';
import type { Arguments } from './arguments.js';
import { argumentsOf, USAGE, UsageError } from './arguments.js';
import { CONTENDER_NAMES, CONTENDERS } from './contenders.js';
import { figuresOf } from './figures.js';
import { machine } from './machine.js';
import { writeReadme } from './readme.js';
import { report } from './report.js';
import type { Result } from './result.js';
import { missed } from './result.js';
import type { Round } from './round.js';
import { round } from './round.js';
import { SCENARIOS } from './scenarios.js';

try {
  const given = argumentsOf(process.argv.slice(2));
  if (given.help) console.log(USAGE);
  else await main(given);
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof TestbedError)) throw error;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}

async function main(given: Arguments): Promise<void> {
  const where = await machine(given.engines, given.orms);
  const results = await run(given);
  if (given.write) writeReadme(where, results);
  console.log(
    given.json
      ? JSON.stringify(
          { machine: where, results: results.map((result) => ({ ...result, missed: missed(result) })) },
          undefined,
          2,
        )
      : report(where, results),
  );
}

/** The contenders take turns under each fault: what slows the machine down for a while slows all of them. */
async function run({ scenarios, engines, orms, effort, rounds }: Arguments): Promise<readonly Result[]> {
  const contenders = CONTENDER_NAMES.filter((name) => orms.includes(CONTENDERS[name].orm));
  const results: Result[] = [];
  for (const scenario of scenarios) {
    for (const engine of engines) {
      const gone = new Map(contenders.map((name) => [name, [] as Round[]]));
      for (let turn = 1; turn <= rounds; turn += 1) {
        for (const [contender, before] of gone) {
          process.stderr.write(`${scenario}, ${engine}, ${CONTENDERS[contender].title}, ${turn} of ${rounds}\n`);
          try {
            before.push(await round({ contender, engine, scenario: SCENARIOS[scenario] }, effort));
          } catch (error) {
            // what the others came to still counts
            console.error(error);
            process.exitCode = 1;
          }
        }
      }
      for (const [contender, all] of gone) {
        if (all.length > 0) results.push({ scenario, engine, contender, figures: figuresOf(all) });
      }
    }
  }
  return results;
}
