import { until } from './until.js';

/** What of this kind keeps the process alive or holds a file descriptor now: sockets and timers. */
function resources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === 'TCPSocketWrap' || name === 'TCPWRAP' || name === 'Timeout')
    .toSorted();
}

/** Runs `work` and waits until no socket and no timer of it is left. */
export async function leavingNothing(work: () => Promise<void>): Promise<void> {
  const before = counted(resources());
  await work();
  await until('every socket and timer is gone', () => {
    const after = counted(resources());
    return [...after].every(([name, count]) => count <= (before.get(name) ?? 0));
  });
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
