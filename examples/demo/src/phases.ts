import type { Cluster as Servers } from '@sluice/testbed';
import type { Counts } from './tally.js';

/** Waits until the requests of both shops have seen something since the phase began. */
export type UntilSeen = (seen: (counts: Counts) => boolean) => Promise<void>;

/** A part of the story, from what happens at its beginning to the next. */
export interface Phase {
  readonly name: string;
  readonly title: string;
  /** What happens to the servers; resolves when it has happened. */
  readonly begin: (servers: Servers, untilSeen: UntilSeen) => Promise<void>;
}

export const PHASES = [
  {
    name: 'healthy',
    title: 'all servers are healthy',
    begin: async () => undefined,
  },
  {
    name: 'replay-paused',
    title: 'replica-1 stops replaying',
    begin: (servers) => servers.replica(1).pauseReplay(),
  },
  {
    name: 'replica-killed',
    title: 'replica-1 is killed',
    begin: (servers) => servers.replica(1).kill(),
  },
  {
    name: 'replica-back',
    title: 'replica-1 is back',
    begin: async (servers) => {
      await servers.replica(1).restart();
      await servers.replica(1).caughtUp();
    },
  },
  {
    name: 'replica-frozen',
    title: 'replica-2 freezes: its connections stay open',
    begin: async (servers) => servers.replica(2).freeze(),
  },
  {
    name: 'replica-thawed',
    title: 'replica-2 goes on',
    begin: async (servers) => {
      servers.replica(2).thaw();
      await servers.replica(2).caughtUp();
    },
  },
  {
    name: 'primary-restarted',
    title: 'the primary is killed, and restarted',
    begin: async (servers, untilSeen) => {
      await servers.primary.kill();
      await untilSeen(({ failedWrites }) => failedWrites > 0);
      await servers.primary.restart();
      await servers.caughtUp();
    },
  },
] as const satisfies readonly Phase[];
