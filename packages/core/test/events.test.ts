import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ClusterEvent, ClusterEvents } from '../src/events.js';
import { Events } from '../src/events.js';

const EVENTS: readonly ClusterEvent[] = ['route', 'retry', 'health', 'pin', 'primary', 'pool'];
const PIN: ClusterEvents['pin'] = { cluster: 'default', database: 'default', role: 'primary', seconds: 15 };

describe('an event', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is not even made when nobody listens', () => {
    const make = jest.fn(() => PIN);
    new Events().emit('pin', make);
    expect(make).not.toHaveBeenCalled();
  });

  it('is made once, however many listen', () => {
    const events = new Events();
    const heard: unknown[] = [];
    const make = jest.fn(() => PIN);
    events.on('pin', (event) => heard.push(event));
    events.on('pin', (event) => heard.push(event));
    events.emit('pin', make);
    expect(make).toHaveBeenCalledTimes(1);
    expect(heard).toEqual([PIN, PIN]);
  });

  it('reaches only those who listen to it', () => {
    const events = new Events();
    const heard: unknown[] = [];
    events.on('pool', (event) => heard.push(event));
    events.emit('pin', () => PIN);
    expect(heard).toEqual([]);
  });

  it('reaches nobody who has stopped listening, and is then not made', () => {
    const events = new Events();
    const heard: unknown[] = [];
    const listener = (event: unknown): void => void heard.push(event);
    events.on('pin', listener);
    events.off('pin', listener);
    const make = jest.fn(() => PIN);
    events.emit('pin', make);
    expect(heard).toEqual([]);
    expect(make).not.toHaveBeenCalled();
  });

  it.each(EVENTS)('is published as sluice:%s on node:diagnostics_channel', (event) => {
    const heard: unknown[] = [];
    const hear = (message: unknown): void => void heard.push(message);
    expect(channel(`sluice:${event}`).hasSubscribers).toBe(false);
    subscribe(`sluice:${event}`, hear);
    const told = PIN as unknown as ClusterEvents[typeof event];
    new Events().emit(event, () => told);
    unsubscribe(`sluice:${event}`, hear);
    new Events().emit(event, () => told);
    expect(heard).toEqual([PIN]);
  });

  it('is not lost on others, and stops nothing, when a listener throws; the error is not lost either', () => {
    const later: (() => void)[] = [];
    jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => void later.push(callback));
    const bug = new Error('a bug in a listener');
    const events = new Events();
    events.on('pin', () => {
      throw bug;
    });
    const heard: unknown[] = [];
    const hear = (message: unknown): void => void heard.push(message);
    subscribe('sluice:pin', hear);
    events.emit('pin', () => PIN);
    unsubscribe('sluice:pin', hear);
    expect(heard).toEqual([PIN]);
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow(bug);
  });
});
