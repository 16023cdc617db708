import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession, usePrimary, useReplica, withHints } from '../../src/scopes.js';
import { rig, write } from '../support/rig.js';
import { turns } from '../support/turns.js';

const { cluster } = rig({ router: 'ReplicaRouter' });
const cause = (): string => cluster.explain({ intent: 'read' }).cause;

function* sync(): Generator<string, string, unknown> {
  yield cause();
  yield cause();
  return cause();
}

async function* async_(): AsyncGenerator<string, string, unknown> {
  yield cause();
  await turns();
  yield cause();
  await turns();
  return cause();
}

describe('a generator made in a scope and consumed outside it', () => {
  it('runs each of its steps in the scope', () => {
    const generator = usePrimary(() => sync());
    const seen: unknown[] = [];
    for (let step = generator.next(); ; step = generator.next()) {
      seen.push(step.value);
      if (step.done === true) break;
    }
    expect(seen).toEqual(['usePrimary', 'usePrimary', 'usePrimary']);
  });

  it('runs each of its steps in the scope, also after its awaits', async () => {
    const generator = usePrimary(() => async_());
    const seen: unknown[] = [];
    for (let step = await generator.next(); ; step = await generator.next()) {
      seen.push(step.value);
      if (step.done === true) break;
    }
    expect(seen).toEqual(['usePrimary', 'usePrimary', 'usePrimary']);
  });

  it('leaves the code between its steps alone', async () => {
    const seen: string[] = [];
    for (const _ of usePrimary(() => sync())) seen.push(cause());
    for await (const _ of usePrimary(() => async_())) seen.push(cause());
    expect(seen).toEqual(['ReplicaRouter', 'ReplicaRouter', 'ReplicaRouter', 'ReplicaRouter']);
  });

  it('keeps its scope inside another scope', async () => {
    const generator = usePrimary(() => async_());
    const seen: string[] = [];
    await useReplica(async () => {
      for await (const step of generator) seen.push(step);
    });
    expect(seen).toEqual(['usePrimary', 'usePrimary']);
  });

  it('runs its clean-up in the scope when it is left early', async () => {
    const cleaned: string[] = [];
    function* careful(): Generator<number> {
      try {
        yield 1;
      } finally {
        cleaned.push(cause());
      }
    }
    async function* carefulLater(): AsyncGenerator<number> {
      try {
        yield 1;
      } finally {
        await turns();
        cleaned.push(cause());
      }
    }
    for (const _ of usePrimary(() => careful())) break;
    for await (const _ of usePrimary(() => carefulLater())) break;
    expect(cleaned).toEqual(['usePrimary', 'usePrimary']);
  });

  it('takes what is sent and thrown into it', () => {
    function* echo(): Generator<unknown, void, unknown> {
      let got: unknown = 'start';
      for (;;) {
        try {
          got = yield got;
        } catch (error) {
          got = [error, cause()];
        }
      }
    }
    const generator = usePrimary(() => echo());
    expect(generator.next().value).toBe('start');
    expect(generator.next('sent').value).toBe('sent');
    expect(generator.throw('thrown').value).toEqual(['thrown', 'usePrimary']);
    expect(generator.return(undefined)).toEqual({ done: true, value: undefined });
  });

  it('is still an iterable generator', () => {
    const generator = usePrimary(() => sync());
    expect(generator[Symbol.iterator]()).toBe(generator);
    expect(Object.prototype.toString.call(generator)).toBe('[object Generator]');
    expect([...generator]).toEqual(['usePrimary', 'usePrimary']);
    const later = usePrimary(() => async_());
    expect(later[Symbol.asyncIterator]()).toBe(later);
  });

  it('runs in the session in which it was made, of which nothing is left after its end', async () => {
    const { cluster: pinning } = rig({ router: new PinningReplicaRouter() });
    function* reading(): Generator<string> {
      for (;;) yield pinning.explain({ intent: 'read' }).reason;
    }
    const { generator, before } = await runInSession(async () => {
      const made = withHints({ report: true }, () => reading());
      await write(pinning);
      return { generator: made, before: made.next().value as string };
    });
    expect([before, generator.next().value]).toEqual(['session', 'router']);
  });
});
