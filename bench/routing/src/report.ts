import type { Row, Spread } from './row.js';
import { isMet } from './row.js';

const HEAD = [
  'µs for one operation',
  'stock, single',
  'stock, replicated',
  'Sluice',
  'more',
  'bytes',
  'Sluice ÷ replicated',
  'noise',
  'target',
  '',
];

/** All rows as one table. */
export function report(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const drawn = lines.map((line) => line.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  '));
  const ruler = widths.map((width) => '─'.repeat(width)).join('──');
  return [drawn[0], ruler, ...drawn.slice(1)].map((line) => line?.trimEnd()).join('\n');
}

function cells(row: Row): string[] {
  const met = isMet(row);
  return [
    row.what,
    time(row.singleUs),
    time(row.replicationUs),
    time(row.sluiceUs),
    row.moreUs === undefined ? '' : `${row.moreUs > 0 ? '+' : ''}${row.moreUs.toFixed(1)}`,
    row.bytes === undefined ? '' : row.bytes.toFixed(0),
    between(row.ratio),
    between(row.noise),
    row.target === undefined ? '' : row.target.of === 'ratio' ? `≤ ${row.target.most}` : `≤ ${row.target.most} µs`,
    met === undefined ? '' : met ? 'met' : 'missed',
  ];
}

function time(microseconds: number | undefined): string {
  if (microseconds === undefined) return '';
  return microseconds < 10 ? microseconds.toFixed(2) : microseconds.toFixed(0);
}

function between(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  return `${spread.median.toFixed(3)} (${spread.low.toFixed(3)} to ${spread.high.toFixed(3)})`;
}

function padded(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
