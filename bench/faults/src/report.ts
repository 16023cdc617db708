import Table from 'cli-table3';
import { CONTENDER_NAMES, CONTENDERS } from './contenders.js';
import type { Figures } from './figures.js';
import type { Machine } from './machine.js';
import type { Result } from './result.js';
import { missed } from './result.js';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios.js';
import type { Target } from './targets.js';
import { together } from './together.js';

interface Column {
  readonly head: string;
  readonly figure: Target['figure'];
  readonly digits?: number;
}

const COLUMNS: readonly Column[] = [
  { head: 'reads', figure: 'reads' },
  { head: 'failed', figure: 'failedReads' },
  { head: 'stale', figure: 'staleReads' },
  { head: 'slowest', figure: 'slowestMs' },
  { head: 'p50', figure: 'p50Ms', digits: 1 },
  { head: 'p99', figure: 'p99Ms', digits: 1 },
  { head: '÷ healthy', figure: 'p99Ratio', digits: 2 },
  { head: 'writes', figure: 'writes' },
  { head: 'failed', figure: 'failedWrites' },
  { head: 'lost', figure: 'lost' },
  { head: 'doubled', figure: 'doubled' },
  { head: 'attempts', figure: 'attemptsPerCall', digits: 2 },
  { head: 'noticed', figure: 'noticedMs' },
  { head: 'back', figure: 'backInUseMs' },
  { head: 'on broken', figure: 'onBroken', digits: 3 },
  { head: 'share', figure: 'share', digits: 2 },
  { head: 'writes back', figure: 'writesBackMs' },
  { head: 'unhandled', figure: 'unhandled' },
  { head: 'close', figure: 'closeMs' },
  { head: 'lingers', figure: 'lingering' },
];

const LEGEND = `
Times in ms; p50 and p99 of the reads that were due during the fault. ✗ marks a missed target, – what never came or is not
told. attempts: databases asked for each call. noticed: fault → told by the cluster. back: caught up → serves a read.
writes back: a server was promoted → a write is acknowledged. on broken: part of the reads during the fault
which what was broken answered; share: of its fair part, in the last second.
lingers: processes that did not end by themselves when their ORM was closed.
`.trim();

const ERRORS = 4;

/** All results as tables, one for each fault, and what was missed by Sluice. */
export function report(machine: Machine, results: readonly Result[]): string {
  const tables = SCENARIO_NAMES.flatMap((name) => {
    const here = results.filter(({ scenario }) => scenario === name);
    return here.length === 0 ? [] : [`${SCENARIOS[name].title}\n${faultTable(here)}${errors(here)}`];
  });
  return [describe(machine), ...tables, LEGEND, totals(results), misses(results)].join('\n\n');
}

export function describe({ processor, cores, node, engines, orms, loadAverage }: Machine): string {
  const software = [...engines, ...orms, `Node.js ${node.slice(1)}`].join(', ');
  return `${processor}, ${cores} cores, load ${loadAverage.toFixed(1)} before; ${software}`;
}

/** What Sluice should have done and has not, a line each. */
export function misses(results: readonly Result[]): string {
  const ours = results.filter(({ contender }) => CONTENDERS[contender].isSluice);
  const lines = ours.flatMap((result) =>
    missed(result).map((target) => {
      const { figures, scenario, engine, contender } = result;
      const limit = 'most' in target ? `≤ ${target.most}` : `≥ ${target.least}`;
      return `${scenario}, ${engine}, ${CONTENDERS[contender].title}: ${target.figure} ${text(figures[target.figure], 2)}, not ${limit}`;
    }),
  );
  return lines.length === 0
    ? 'Sluice met every target.'
    : `Sluice missed ${lines.length} ${lines.length === 1 ? 'target' : 'targets'}:\n${lines.join('\n')}`;
}

function totals(results: readonly Result[]): string {
  const contenders = CONTENDER_NAMES.filter((name) => results.some(({ contender }) => contender === name));
  const groups = contenders.map((name) => results.filter(({ contender }) => contender === name));
  return drawn(['all faults together', ...contenders.map((name) => CONTENDERS[name].title)], together(groups));
}

function faultTable(results: readonly Result[]): string {
  return drawn(
    ['', ...COLUMNS.map(({ head }) => head)],
    results.map((result) => [`${CONTENDERS[result.contender].title}, ${result.engine}`, ...cells(result)]),
  );
}

function drawn(head: string[], rows: string[][]): string {
  const colAligns = head.map((_, column) => (column === 0 ? ('left' as const) : ('right' as const)));
  const table = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

function cells(result: Result): string[] {
  const wrong = new Set(missed(result).map(({ figure }) => figure));
  return COLUMNS.map(({ figure, digits = 0 }) => {
    const mark = wrong.has(figure) ? ' ✗' : '';
    return `${text(result.figures[figure], digits)}${mark}`;
  });
}

function text(value: Figures[Target['figure']], digits: number): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return Number.isInteger(value) ? String(value) : value.toFixed(digits);
}

/** The most frequent errors of each contender. */
function errors(results: readonly Result[]): string {
  return results
    .flatMap(({ contender, engine, figures }) =>
      Object.entries(figures.errors)
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, ERRORS)
        .map(([what, count]) => `\n  ${CONTENDERS[contender].title}, ${engine}: ${count} × ${what.slice(0, 120)}`),
    )
    .join('');
}
