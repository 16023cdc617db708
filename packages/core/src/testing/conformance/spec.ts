import assert from 'node:assert/strict';
import type { RoutingOptions } from '../../config.js';
import type { SluiceErrorCode } from '../../errors.js';
import type { Answer, Capability, Orm, Servers } from './rig.js';

/** What a spec works with; what it opens is closed after it. */
export interface Bench {
  readonly servers: Servers;
  open(options?: RoutingOptions): Promise<Orm>;
}

/** A sentence that becomes false when the behaviour breaks. */
export interface Spec {
  readonly name: string;
  /** Without this capability the ORM must refuse instead. */
  readonly needs?: Capability;
  readonly run: (bench: Bench) => Promise<void>;
}

export const REPLICAS: readonly string[] = ['replica-1', 'replica-2'];

/** Ids of notes that no other spec uses. */
let lastId = 1_000;
export function newId(): number {
  lastId += 1;
  return lastId;
}

/** A note that every server has. */
export async function noteEverywhere({ servers }: Bench, orm: Orm, text = 'first'): Promise<number> {
  const id = newId();
  await orm.write(id, text);
  await servers.caughtUp();
  return id;
}

export function assertPrimary({ by }: Pick<Answer, 'by'>): void {
  assert.equal(by, 'default');
}

export function assertReplica({ by }: Pick<Answer, 'by'>): void {
  assert.ok(REPLICAS.includes(by), `${by} answered, which is no replica`);
}

export async function assertRefused(work: Promise<unknown>, code: SluiceErrorCode): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error !== undefined, `nothing was refused; ${code} was to be`);
  assert.equal((error as { code?: unknown }).code, code, error instanceof Error ? error.message : undefined);
}

/** Runs work while these replicas replay nothing. */
export async function whilePaused(
  { servers }: Bench,
  names: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  await Promise.all(names.map((name) => servers.pauseReplay(name)));
  try {
    await work();
  } finally {
    await Promise.all(names.map((name) => servers.resumeReplay(name)));
    await servers.caughtUp();
  }
}

/** Runs work while this server is dead. */
export async function whileDead(
  { servers }: Bench,
  names: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  await Promise.all(names.map((name) => servers.kill(name)));
  try {
    await work();
  } finally {
    await Promise.all(names.map((name) => servers.restart(name)));
  }
}

/** Repeats a look until it holds; a condition that never comes true fails the spec. */
export async function eventually(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await look())) {
    assert.ok(performance.now() < end, `${what}: not within 20 s`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
