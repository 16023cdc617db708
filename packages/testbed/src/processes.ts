import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');

/** The processes a process has started itself. */
export function childrenOf(pid: number): readonly number[] {
  const list = hasProc
    ? read(`/proc/${pid}/task/${pid}/children`)
    : spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout;
  return list.split(/\s+/).filter(Boolean).map(Number);
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A process that nobody has waited for yet (a zombie) counts as gone: it holds nothing any more. */
export function isGone(pid: number): boolean {
  if (hasProc) return ['', 'Z', 'X'].includes(stateOf(pid));
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Does SIGSTOP hold it already? Where the system does not say, we believe so. */
export function isStopped(pid: number): boolean {
  return !hasProc || ['T', '', 'Z', 'X'].includes(stateOf(pid));
}

/** The letter behind the command's name, which may itself hold spaces and parentheses. */
function stateOf(pid: number): string {
  return read(`/proc/${pid}/stat`).split(') ').at(-1)?.[0] ?? '';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
