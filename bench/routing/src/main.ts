import { parseArgs } from 'node:util';
import { mikroOrm, servers, stubs } from './calls.js';
import { decisions } from './decisions.js';
import { report } from './report.js';
import type { Row } from './row.js';
import { isMet } from './row.js';

const PARTS = { decisions, stubs, servers, 'mikro-orm': mikroOrm } as const;
const NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

const { quick, json, only } = parseArgs({
  options: {
    /** A few seconds, for CI: says whether it runs, and little about how fast. */
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** One part only; may be given several times. */
    only: { type: 'string', multiple: true, default: NAMES },
  },
}).values;
const unknown = only.find((name) => !(NAMES as string[]).includes(name));
if (unknown !== undefined) throw new Error(`--only is ${JSON.stringify(unknown)}; allowed are ${NAMES.join(', ')}`);

const rows: Row[] = [];
for (const name of NAMES) {
  if (!only.includes(name)) continue;
  process.stderr.write(`measuring ${name}\n`);
  rows.push(...(await PARTS[name]({ quick })));
}
console.log(
  json
    ? JSON.stringify(
        rows.map((row) => ({ ...row, met: isMet(row) })),
        undefined,
        2,
      )
    : report(rows),
);
