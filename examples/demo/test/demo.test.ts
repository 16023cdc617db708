import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Counts {
  readonly reads: number;
  readonly failedReads: number;
  readonly staleReads: number;
  readonly writes: number;
  readonly failedWrites: number;
  readonly slowestReadMs: number;
  readonly servedBy: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

interface Figures {
  readonly servers: Readonly<Record<string, number>>;
  readonly phases: readonly {
    readonly name: string;
    readonly counts: { readonly stock: Counts; readonly sluice: Counts };
  }[];
  readonly total: { readonly stock: Counts; readonly sluice: Counts };
}

/** The built demo as a child; standard error is read as it comes. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.errors += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const hasSaid = async (text: string): Promise<void> => {
    while (!said.errors.includes(text)) await once(child.stderr, 'data');
  };
  return { child, said, ended, hasSaid };
}

const refuses = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

const portsIn = (text: string): number[] => [...text.matchAll(/ on (\d+)/g)].map(([, port]) => Number(port));

async function expectNobodyListensOn(ports: readonly number[]): Promise<void> {
  expect(ports.length).toBe(3);
  expect(await Promise.all(ports.map(refuses))).toEqual([true, true, true]);
}

describe('the demo', () => {
  it.each([
    ['TypeORM', []],
    ['MikroORM', ['--orm', 'mikro-orm']],
  ])('shows what fails on stock %s and not with Sluice, and leaves no server behind', async (_title, args) => {
    // a rate that a busy machine serves as well: beyond it the pools' own queues time out, on both sides
    const demo = start(...args, '--json', '--seconds-per-phase', '1', '--requests-per-second', '40');
    const code = await demo.ended;
    expect({ code, errors: code === 0 ? '' : demo.said.errors }).toEqual({ code: 0, errors: '' });
    expect(demo.said.errors).not.toContain('Warning');
    const { servers, phases, total } = JSON.parse(demo.said.out) as Figures;
    const phase = (name: string) => phases.find((each) => each.name === name)!.counts;

    expect(phase('replay-paused').stock.staleReads).toBeGreaterThan(0);
    expect(phase('replica-killed').stock.failedReads).toBeGreaterThan(0);
    // a request counts where it ends: those of stock wait until the replica goes on
    const slowest = (side: 'stock' | 'sluice'): number =>
      Math.max(phase('replica-frozen')[side].slowestReadMs, phase('replica-thawed')[side].slowestReadMs);
    expect(slowest('stock')).toBeGreaterThan(900);
    expect(slowest('sluice')).toBeLessThan(slowest('stock'));
    for (const { name, counts } of phases) {
      expect([name, counts.sluice.staleReads]).toEqual([name, 0]);
      if (name !== 'primary-restarted') expect([name, counts.sluice.failedReads]).toEqual([name, 0]);
    }
    // in the instant in which the primary dies, a user may have written to it and not yet read back; no other read fails
    const { failedReads, errors } = phase('primary-restarted').sluice;
    expect(failedReads).toBe(errors['own read: SLUICE_NO_DATABASE'] ?? 0);

    // both had the same work, and Sluice spreads it: own reads to the primary, the others to both replicas
    expect(Math.abs(total.sluice.writes - total.stock.writes)).toBeLessThanOrEqual(2);
    expect(phase('healthy').sluice.servedBy).toEqual({
      default: expect.any(Number),
      'replica-1': expect.any(Number),
      'replica-2': expect.any(Number),
    });
    expect(phase('replica-killed').sluice.servedBy['replica-1'] ?? 0).toBeLessThan(10);
    // a replica that is back gets a share that grows; while the other one is frozen, it gets all
    expect(phase('replica-frozen').sluice.servedBy['replica-1']).toBeGreaterThan(10);
    await expectNobodyListensOn(Object.values(servers));
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops its servers on %s', async (signal, expected) => {
    const demo = start();
    await demo.hasSaid('replica-1 stops replaying');
    demo.child.kill(signal);
    expect(await demo.ended).toBe(expected);
    expect(demo.said.out).toBe('');
    await expectNobodyListensOn(portsIn(demo.said.errors));
  });

  it.each([
    [['--frob'], "Unknown option '--frob'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--orm', 'prisma'], '--orm is "prisma"; allowed are typeorm, mikro-orm'],
    [['--seconds-per-phase', 'long'], '--seconds-per-phase is "long"; give a number from 0.1 to 600'],
  ])('refuses %j before it starts anything', async (args, message) => {
    const demo = start(...args);
    expect(await demo.ended).toBe(2);
    expect(demo.said.errors).toContain(message);
    expect(demo.said.errors).not.toContain('starting');
  });
});
