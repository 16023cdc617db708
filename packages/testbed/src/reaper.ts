import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Waits until its input ends, which is when `reap()` is called or our process is dead, whatever it died of. Then it
 * kills every process that works inside the folder, also a frozen one and one that lost its parent, gives back the
 * shared memory that a killed PostgreSQL leaves behind (its number is in line 7 of postmaster.pid), and removes the
 * folder.
 */
const SCRIPT = `
folder=$1
trap '' HUP INT TERM
read -r nothing
processes() {
  if [ -d /proc/self/cwd ]; then
    for process in /proc/[0-9]*; do
      for server in "$folder"/*/; do
        [ "$process/cwd" -ef "$server" ] && echo "\${process#/proc/}"
      done
    done
  else
    for process in $(pgrep -f "$folder/"); do echo "$process"; pgrep -P "$process"; done
  fi
}
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=$(processes)
  [ -z "$found" ] && break
  kill -9 $found
done 2>/dev/null
for lock in "$folder"/*/postmaster.pid; do
  [ -f "$lock" ] || continue
  memory=$(sed -n '7s/.* //p' "$lock")
  [ -n "$memory" ] && ipcrm -m "$memory"
done 2>/dev/null
for round in 1 2 3; do
  rm -rf "$folder" && break
done 2>/dev/null
`;

/** Clears a cluster away: its processes, its shared memory and its folder, now or when our process ends. */
export class Reaper {
  readonly #folder: string;
  #child: ChildProcess;

  constructor(folder: string) {
    this.#folder = folder;
    this.#child = this.#watch();
  }

  /** Resolves when nothing is left. A second call finds nothing to do. */
  async reap(): Promise<void> {
    if (hasEnded(this.#child)) this.#child = this.#watch(); // somebody killed the first one, or it has done its work
    const child = this.#child;
    child.ref();
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.stdin?.end();
    await ended;
  }

  /** In a session of its own, so that what ends a whole process group does not end it, too. */
  #watch(): ChildProcess {
    const child = spawn('sh', ['-c', SCRIPT, 'sluice-testbed-reaper', this.#folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    child.unref();
    (child.stdin as Socket).unref();
    return child;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
