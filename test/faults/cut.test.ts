import { describe, expect, it } from '@jest/globals';
import { faultProxy } from '@sluice/testbed';
import { ENGINES } from '../engines.js';
import { until } from '../typeorm/support/until.js';
import { onStage } from './support/stage.js';
import { say, Told } from './support/told.js';

/** More than connecting takes, and less than connecting and a page of rows. */
const CUT_AFTER_BYTES = 900;

describe.each(ENGINES)('a replica whose connections are reset in mid result on %s', (engine) => {
  const stage = onStage(engine);
  const broken = 'replica-1';

  it('answers its checks, is down all the same after some reads, and is back when they are answered', async () => {
    const proxy = await faultProxy(stage.servers.replica(1).database);
    try {
      const routed = await stage.openBoth({ ports: { [broken]: proxy.port } });
      const told = routed.map((each) => new Told(each));
      const repeats = routed.map(() => 0);
      for (const [index, { cluster }] of routed.entries()) cluster.on('retry', () => (repeats[index]! += 1));
      const pages = (many: number) =>
        Promise.all(
          routed.map(async ({ page }) => {
            const ports: number[] = [];
            for (let read = 0; read < many; read += 1) ports.push(await page());
            return ports;
          }),
        );
      const since = performance.now();
      proxy.cutAfter(CUT_AFTER_BYTES);
      proxy.reset(); // one that was open could carry a whole page still
      const during = await pages(200);
      await Promise.all(told.map((each) => each.after(since, `health ${broken} down`)));
      for (const [index, each] of routed.entries()) {
        say(engine, each, `${repeats[index]} of 200 reads were repeated`);
        expect(new Set(during[index])).toEqual(new Set([stage.port('replica-2')]));
        expect(repeats[index]).toBeLessThan(40);
      }
      await proxy.restore();
      await until('it is read again', async () =>
        (await pages(2)).every((ports) => ports.includes(stage.port(broken))),
      );
    } finally {
      await stage.close();
      await proxy.stop();
    }
  });
});
