import { answering } from '#bench/contender-process';
import type { Answer, Ask } from './asks.js';
import { now } from './clock.js';
import type { Contender } from './contenders.js';
import { CONTENDERS } from './contenders.js';
import { Load } from './load.js';

// One contender under load, in a process of its own.

/** Calls of each kind before anything counts: connections are open then, and code is compiled. */
const WARM_UP = 150;
const AT_ONCE = 10;

let contender: Contender | undefined;
let load: Load | undefined;
let unhandled: Record<string, number> = {};

for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (error: unknown) => count(`${event}: ${String(error)}`));
}

answering(async (ask: Ask): Promise<Answer> => {
  switch (ask.kind) {
    case 'open':
      contender = await CONTENDERS[ask.contender].open(ask.place);
      await warmUp(contender);
      return {};
    case 'load':
      load = new Load(opened(), ask.rates);
      return {};
    case 'stop': {
      const trace = await load?.stop(ask.patienceMs, unhandled);
      unhandled = {};
      return trace === undefined ? {} : { trace };
    }
    case 'close':
      return { closeMs: await close(opened(), ask.patienceMs), unhandled };
  }
});

function count(text: string): void {
  unhandled[text] = (unhandled[text] ?? 0) + 1;
}

function opened(): Contender {
  if (contender === undefined) throw new Error('nothing is open');
  return contender;
}

async function warmUp({ request, read, write }: Contender): Promise<void> {
  for (let done = 0; done < WARM_UP; done += AT_ONCE) {
    const calls = Array.from({ length: AT_ONCE }, (_, index) => async () => {
      await read();
      if (index === 0) await write(`warm-up ${done}`);
    });
    await Promise.all(calls.map((call) => request(call)));
  }
}

async function close(open: Contender, patienceMs: number): Promise<number | null> {
  const startedAt = now();
  let waiting: NodeJS.Timeout | undefined;
  const impatient = new Promise<null>((resolve) => {
    waiting = setTimeout(() => resolve(null), patienceMs);
  });
  const closed = open.close().then(
    () => now() - startedAt,
    (error: unknown) => {
      count(`close(): ${String(error)}`);
      return null;
    },
  );
  const closeMs = await Promise.race([closed, impatient]);
  clearTimeout(waiting);
  return closeMs;
}
