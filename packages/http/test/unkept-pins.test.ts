import { describe, expect, it } from '@jest/globals';
import { UnkeptPins } from '../src/unkept-pins.js';

describe('pins that their store did not take', () => {
  it('are found under their id until their window is over', () => {
    let now = 0;
    const unkept = new UnkeptPins(1_000, () => now);
    unkept.add('ada', 'first');
    now = 500;
    unkept.add('ada', 'second');
    now = 1_499;
    expect([unkept.find('ada'), unkept.find('bob')]).toEqual(['second', undefined]);
    now = 1_500;
    expect(unkept.find('ada')).toBeUndefined();
  });

  it('are those of the latest 10,000 users, however long their store is away', () => {
    const unkept = new UnkeptPins(1_000, () => 0);
    for (let user = 0; user < 10_001; user += 1) unkept.add(`user-${user}`, 'pins');
    expect([unkept.find('user-0'), unkept.find('user-1'), unkept.find('user-10000')]).toEqual([
      undefined,
      'pins',
      'pins',
    ]);
  });
});
