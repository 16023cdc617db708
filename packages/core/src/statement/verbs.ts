import type { Engine } from '../engine.js';
import { wordSet } from './word-set.js';

/** How a statement that is no query is judged by its first two words. */
export interface Verb {
  readonly kind: 'read' | 'session';
  /** The only words that may come second; '' is the end of the statement. Default: any. */
  readonly only?: ReadonlySet<string>;
  /** Words that make it a write when they come second. Default: none. */
  readonly never?: ReadonlySet<string>;
}

const session: Verb = { kind: 'session' };

/** The first words of a query, and of each part of one. */
export const QUERY_VERBS = wordSet('select values table with');

export const VERBS: Readonly<Record<Engine, ReadonlyMap<string, Verb>>> = {
  mysql: new Map<string, Verb>([
    ['help', { kind: 'read' }],
    // These tell what the connection did last: they would be answered wrongly elsewhere.
    ['show', { kind: 'read', never: wordSet('warnings errors count profile profiles') }],
    // MariaDB's BEGIN NOT ATOMIC runs a whole program.
    ['begin', { kind: 'session', only: new Set(['', 'work']) }],
    ['start', { kind: 'session', only: wordSet('transaction') }],
    ['commit', session],
    ['rollback', session],
    ['savepoint', session],
    ['release', session],
    // MariaDB's SET STATEMENT ... FOR runs a statement.
    ['set', { kind: 'session', never: wordSet('global persist persist_only password default resource statement') }],
    ['use', session],
    ['lock', { kind: 'session', only: wordSet('table tables') }],
    ['unlock', { kind: 'session', only: wordSet('table tables') }],
    ['prepare', session],
    ['deallocate', session],
    ['xa', session],
  ]),
  postgres: new Map<string, Verb>([
    ['show', { kind: 'read' }],
    ['begin', session],
    ['start', { kind: 'session', only: wordSet('transaction') }],
    // COMMIT PREPARED commits what another connection prepared.
    ['commit', { kind: 'session', never: wordSet('prepared') }],
    ['rollback', { kind: 'session', never: wordSet('prepared') }],
    ['end', session],
    ['abort', session],
    ['savepoint', session],
    ['release', session],
    ['set', session],
    ['reset', session],
    ['lock', session],
    ['listen', session],
    ['unlisten', session],
    ['discard', session],
    ['prepare', session],
    ['deallocate', session],
    ['declare', session],
    ['fetch', session],
    ['move', session],
    ['close', session],
  ]),
};
