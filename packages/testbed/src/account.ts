import { readFileSync } from 'node:fs';

/** A user of the operating system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export const weAreRoot = process.getuid?.() === 0;

/** The first of these users that exists on this machine. */
export function findAccount(...names: readonly string[]): Account | undefined {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
