import Table from 'cli-table3';
import type { Orm } from './arguments.js';
import type { Figures, OfSides } from './figures.js';
import { SIDES } from './shop.js';
import type { Counts } from './tally.js';

type Figure = readonly [label: string, of: (counts: Counts) => number];

const FAULTS: readonly Figure[] = [
  ['failed reads', ({ failedReads }) => failedReads],
  ['stale reads after own write', ({ staleReads }) => staleReads],
  ['failed writes', ({ failedWrites }) => failedWrites],
];

const TITLES: Readonly<Record<Orm, string>> = { typeorm: 'TypeORM', 'mikro-orm': 'MikroORM' };

/** Draws the figures of a run as tables. */
export function report({ arguments: { orm }, servers, phases, total }: Figures): string {
  const stock = `stock ${TITLES[orm]}`;
  return [
    'All phases together',
    table(
      ['', stock, 'with Sluice'],
      rowsOf(servers).map(([label, of]) => [label, ...SIDES.map((side) => number(of(total[side])))]),
    ),
    `By phase (${stock} : with Sluice)`,
    table(
      ['', ...FAULTS.map(([label]) => label), 'slowest read (ms)'],
      phases.map(({ title, counts }) => [
        title,
        ...FAULTS.map(([, of]) => pair(counts, of)),
        pair(counts, ({ slowestReadMs }) => slowestReadMs),
      ]),
    ),
    errors(total),
  ].join('\n');
}

function rowsOf(servers: Figures['servers']): readonly Figure[] {
  return [
    ['reads', ({ reads }) => reads],
    ['failed reads', ({ failedReads }) => failedReads],
    ['stale reads after own write', ({ staleReads }) => staleReads],
    ['writes', ({ writes }) => writes],
    ['failed writes', ({ failedWrites }) => failedWrites],
    ['slowest read (ms)', ({ slowestReadMs }) => slowestReadMs],
    ...Object.keys(servers).map((name): Figure => [`reads answered by ${name}`, ({ servedBy }) => servedBy[name] ?? 0]),
  ];
}

function errors(total: OfSides): string {
  const lines = SIDES.flatMap((side) =>
    Object.entries(total[side].errors)
      .toSorted(([, a], [, b]) => b - a)
      .map(([text, count]) => `  ${side.padEnd(6)} ${String(count).padStart(5)} × ${text}`),
  );
  return lines.length === 0 ? 'No errors.' : `Errors\n${lines.join('\n')}`;
}

function pair(counts: OfSides, of: Figure[1]): string {
  return SIDES.map((side) => number(of(counts[side]))).join(' : ');
}

function number(value: number): string {
  return value.toFixed(0);
}

function table(head: string[], rows: string[][]): string {
  const colAligns = head.map((_, column) => (column === 0 ? ('left' as const) : ('right' as const)));
  const drawn = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  drawn.push(...rows);
  return `${drawn.toString()}\n`;
}
