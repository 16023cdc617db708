import type { Adapter } from './adapter.js';
import type { ClusterIdentity } from './affinity.js';
import type { Attempting, Waited } from './attempts.js';
import type { Config } from './config.js';
import type { Frame } from './context.js';
import { placementFor } from './context.js';
import { type Database, type Databases, serves } from './databases.js';
import type { Picture } from './decide.js';
import { decide, mustBeFresh } from './decide.js';
import type { Engine } from './engine.js';
import { SluiceError } from './errors.js';
import { Events, type OfDatabase } from './events.js';
import type { Failure } from './failure.js';
import { FallbackGuard } from './fallback.js';
import { Health } from './health/health.js';
import { HeldStatements } from './held-statements.js';
import type { Ended, LeaseOwner } from './lease.js';
import { Lease } from './lease.js';
import { Membership } from './membership.js';
import { type LastAttempt, nothingLeft } from './nothing-left.js';
import type { Mark } from './pins.js';
import { Pins } from './pins.js';
import type { StatementInfo } from './request.js';
import { RetryBudget } from './retry.js';
import { currentRun } from './retryable.js';
import type { Route } from './route.js';

/** What a cluster does for one statement: decides, leases, keeps account, and tells of it. */
export class Serving implements Attempting, LeaseOwner {
  readonly engine: Engine;
  readonly events = new Events();
  readonly health: Health;
  readonly budget: RetryBudget;
  readonly membership: Membership;
  /** Whether statements are refused. */
  closed = false;
  readonly #cluster: ClusterIdentity;
  readonly #config: Config;
  readonly #adapter: Adapter;
  readonly #pins: Pins;
  readonly #held: HeldStatements;
  readonly #fallback: FallbackGuard;

  constructor(cluster: ClusterIdentity, engine: Engine, config: Config, adapter: Adapter) {
    const { clock, probe, probeIntervalMs: intervalMs, probeTimeoutMs: timeoutMs, maxLagMs, slowStartMs } = config;
    this.engine = engine;
    this.#cluster = cluster;
    this.#config = config;
    this.#adapter = adapter;
    this.#pins = new Pins(cluster, config.chain);
    this.budget = new RetryBudget(clock);
    this.#fallback = new FallbackGuard(config);
    this.health = new Health(config.databases, {
      clock,
      engine,
      adapter,
      probe,
      intervalMs,
      timeoutMs,
      maxLagMs,
      slowStartMs,
      onChange: (database, { health, reason }, before) => {
        this.events.emit('health', () => ({ ...this.#of(database), health, before: before.health, reason }));
      },
      onPrimary: (database, reason, before) => {
        this.events.emit('primary', () => ({ ...this.#of(database), reason, before: before.name }));
        if (reason === 'promoted') this.#discard(before, `${database.name} is the primary now`);
      },
    });
    this.membership = new Membership(config, adapter, this.health);
    this.#held = new HeldStatements(config, this.health, {
      mayWait: (info, frame) =>
        info.intent === 'write' || mustBeFresh(info, this.picture(this.health.databases, frame, [])),
      route: (info, frame, tried) => this.route(info, frame, tried),
      wouldServe: (info, database) => this.wouldServe(info, database),
    });
  }

  now(): number {
    return this.#config.clock.now();
  }

  /** @throws SluiceError `SLUICE_CLOSED`, and as a decision does */
  route(info: StatementInfo, frame: Frame, tried: readonly string[]): Route | undefined {
    if (this.closed) {
      throw new SluiceError('SLUICE_CLOSED', `cluster ${this.#cluster.name} is closed; open it again first`);
    }
    const databases = tried.length === 0 ? this.health.offered() : this.health.databases.without(tried);
    const route = decide(info, this.picture(databases, frame, tried));
    if (route === undefined || !this.#fallback.check(info, route, databases)) return route;
    return { ...route, isFallback: true };
  }

  picture(databases: Databases, frame: Frame, tried: readonly string[]): Picture {
    const { chain, routeRawReads } = this.#config;
    return { cluster: this.#cluster, databases, chain, frame, tried, routeRawReads };
  }

  lease(info: StatementInfo, frame: Frame, route: Route): Lease {
    const { database, reason, cause } = route;
    const { intent } = info;
    database.load.started();
    this.events.emit('route', () => ({ ...this.#of(database), intent, reason, cause }));
    const placement = placementFor(frame, this.#cluster.name);
    const inFlight = intent === 'read' ? this.health.sent(database.name) : undefined;
    if (route.isFallback === true) this.#fallback.started();
    const startedAt = this.now();
    const waitedAt = this.#config.clock.waited();
    return new Lease(this, { route, intent, placement, startedAt, waitedAt, inFlight });
  }

  writing(): Mark | undefined {
    return this.#pins.mark();
  }

  ended({ route, waitedAt, kept, outcome, failed, wrote, mark }: Ended): void {
    const { database, isFallback = false } = route;
    currentRun()?.ended(outcome, wrote);
    const now = this.now();
    database.load.finished(now, kept ? undefined : this.#config.clock.waited() - waitedAt, failed);
    if (isFallback) this.#fallback.ended();
    if (!failed) this.health.served(database.name, now);
    this.membership.ended(database);
    const pinnedMs = mark && this.#pins.settle(mark, database.name, outcome, wrote);
    if (pinnedMs !== undefined) this.events.emit('pin', () => ({ ...this.#of(database), seconds: pinnedMs / 1_000 }));
  }

  failed(lease: Lease, reason: Failure, error: unknown): void {
    const { database, sent, startedAt } = lease;
    currentRun()?.failed(lease, reason);
    this.health.failed(database.name, reason, { sent, error, startedAt });
    if (reason !== 'read-only' || database.role !== 'primary') return;
    void this.health.lookAgain();
    this.events.emit('primary', () => ({ ...this.#of(database), reason, before: database.name }));
    this.#discard(database, 'the database is read only');
  }

  later(info: StatementInfo, frame: Frame, waited: Waited): Promise<Route | undefined> {
    return this.#held.later(info, frame, waited);
  }

  wouldServe({ intent }: StatementInfo, database: Database): boolean {
    return intent === 'write' ? this.health.takesWrites(database) : serves(database);
  }

  mayRepeat(): boolean {
    return this.budget.withdraw();
  }

  renew(database: Database): void {
    this.#discard(database, 'its connection was lost');
  }

  repeating({ intent }: StatementInfo, { database }: Lease, reason: Failure, error: unknown): void {
    this.events.emit('retry', () => ({ ...this.#of(database), intent, reason, error }));
  }

  nothingLeft({ intent }: StatementInfo, last?: LastAttempt): unknown {
    const { databases } = this.health;
    return nothingLeft({ cluster: this.#cluster.name, intent, databases, health: this.health }, last);
  }

  #discard(database: Database, reason: string): void {
    this.#adapter.discard(database.name);
    this.events.emit('pool', () => ({ ...this.#of(database), reason }));
  }

  #of({ name, role }: Database): OfDatabase {
    return { cluster: this.#cluster.name, database: name, role };
  }
}
