import { spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

/** The processes that work inside a folder, or, where the system does not tell, whose command names it. */
export function processesIn(folder: string): readonly string[] {
  if (process.platform !== 'linux') {
    const list = spawnSync('ps', ['-A', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout.split('\n');
    return list.filter((line) => line.includes(`${folder}/`));
  }
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workingFolder(pid).startsWith(`${folder}/`));
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // it is gone, or nobody's business
  }
}
