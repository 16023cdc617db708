import { readFileSync, writeFileSync } from 'node:fs';
import { CONTENDER_NAMES, CONTENDERS } from './contenders.js';
import type { Machine } from './machine.js';
import { describe, misses } from './report.js';
import type { Result } from './result.js';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios.js';
import { together } from './together.js';

const README = new URL('../../../README.md', import.meta.url);
const MARK = '<!-- faults -->';

/** Puts the table between the two marks of README.md. */
export function writeReadme(machine: Machine, results: readonly Result[]): void {
  const parts = readFileSync(README, 'utf8').split(MARK);
  if (parts.length !== 3) throw new Error(`README.md has ${parts.length - 1} × ${MARK}; it needs two`);
  writeFileSync(README, [parts[0], `\n\n${markdown(machine, results)}\n\n`, parts[2]].join(MARK));
}

/** A row for each fault: all engines together, as what counts here is how many users saw it, and how long they waited. */
export function markdown(machine: Machine, results: readonly Result[]): string {
  const contenders = CONTENDER_NAMES.filter((name) => results.some(({ contender }) => contender === name));
  const groups = contenders.map((name) => results.filter(({ contender }) => contender === name));
  const rows = SCENARIO_NAMES.filter((name) => results.some(({ scenario }) => scenario === name)).map((name) => [
    SCENARIOS[name].title,
    ...groups.map((group) => cell(group.filter(({ scenario }) => scenario === name))),
  ]);
  const head = ['failed reads, slowest read', ...contenders.map((name) => CONTENDERS[name].title)];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [line(head), line(head.map(() => '---')), ...[...rows, ...together(groups)].map(line)];
  return [
    lines.join('\n'),
    `${describe(machine)}.`,
    misses(results).replaceAll('\n', '\n* ').replace('\n*', '\n\n*'),
  ].join('\n\n');
}

function cell(results: readonly Result[]): string {
  if (results.length === 0) return '';
  const sum = (figure: 'failedReads' | 'reads') => results.reduce((before, { figures }) => before + figures[figure], 0);
  const slowest = Math.max(...results.map(({ figures }) => figures.slowestMs));
  return `${sum('failedReads')} of ${sum('reads')}, ${slowest.toFixed(0)} ms`;
}
