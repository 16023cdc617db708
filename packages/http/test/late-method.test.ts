import { describe, expect, it } from '@jest/globals';
import { type PinOptions, Pins, type RequestPin } from '@sluice/http';

const opened = (options: PinOptions<object> = {}, method?: string): RequestPin => {
  const pin = new Pins(options).open({}, { method, header: () => undefined });
  if (pin === undefined) throw new Error('nothing is skipped here');
  return pin;
};

describe('a request whose method is told later', () => {
  it('is not pinned before', () => {
    const pin = opened();
    expect([pin.session.pinned(), pin.header()]).toEqual([false, undefined]);
  });

  it('is pinned from there by a method that writes, and so are the next ones', () => {
    const pin = opened();
    pin.tellMethod('MUTATION');
    pin.tellMethod('MUTATION');
    expect(pin.session.pinned()).toBe(true);
    expect(pin.header()).toMatchObject({ name: 'Set-Cookie', value: expect.stringMatching(/^sluice_pin=/) });
  });

  it('pins the next ones also if only methods do', () => {
    const pin = opened({ pinOn: 'method' });
    pin.tellMethod('MUTATION');
    expect(pin.header()).toMatchObject({ value: expect.stringMatching(/^sluice_pin=/) });
  });

  it.each([
    ['a method that reads', {}, 'get'],
    ['a method that is told to read', { readMethods: ['Mutation'] }, 'MUTATION'],
    ['any method, if only writes pin', { pinOn: 'write' as const }, 'MUTATION'],
  ])('is not pinned by %s', (_what, options, method) => {
    const pin = opened(options);
    pin.tellMethod(method);
    expect([pin.session.pinned(), pin.header()]).toEqual([false, undefined]);
  });

  it('asks its store before it is known to write', async () => {
    const asked: string[] = [];
    const store = {
      load: async (id: string) => void asked.push(id),
      save: async () => undefined,
    };
    const pin = opened({ store: store as never, key: () => 'ada' });
    await pin.ready;
    expect(asked).toEqual(['ada']);
    expect(opened({ store: store as never, key: () => 'bob' }, 'POST').ready).toBeUndefined();
    expect(asked).toEqual(['ada']);
  });
});

describe('a request whose method writes', () => {
  const takesLongerThanItsWindow = (): void => {
    const until = performance.now() + 10;
    while (performance.now() < until);
  };

  it('is pinned to its end, also where it takes longer than the window', () => {
    const pin = opened({ pinSeconds: 0.001 }, 'POST');
    takesLongerThanItsWindow();
    expect(pin.session.pinned()).toBe(true);
    expect(pin.header()).toMatchObject({ value: expect.stringMatching(/^sluice_pin=/) });
  });

  it.each([
    ['pinned for the window only', 60, true],
    ['no longer pinned when that is over', 0.001, false],
  ])('leaves work that outlives it %s', (_what, pinSeconds, pinned) => {
    const pin = opened({ pinSeconds }, 'POST');
    pin.finish();
    takesLongerThanItsWindow();
    expect(pin.session.pinned()).toBe(pinned);
  });
});
