import { answering } from '#bench/contender-process';
import type { Answer, Ask, Sample } from './asks.js';
import type { Contender, ContenderName } from './contenders.js';
import type { OrmName } from './orms.js';
import { ORMS } from './orms.js';

const [orm, name] = process.argv.slice(2) as [OrmName, ContenderName];
let contender: Contender | undefined;

answering(answerTo);

async function answerTo(ask: Ask): Promise<Answer> {
  switch (ask.kind) {
    case 'open':
      contender = await (await ORMS[orm]())[name](ask.place);
      return {};
    case 'sample':
      if (contender === undefined) throw new Error('nothing is open');
      return { sample: await sample(contender, ask) };
    case 'close':
      await contender?.close();
      contender = undefined;
      return {};
  }
}

async function sample(
  { operations, within }: Contender,
  { operation, count }: Extract<Ask, { readonly kind: 'sample' }>,
): Promise<Sample> {
  const run = operations[operation];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await within(async () => {
    for (let done = 0; done < count; done += 1) await run();
  });
  const wall = (performance.now() - startedAt) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: wall / count, cpu: (user + system) / count };
}
