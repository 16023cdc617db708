import { type Database, type Databases, serves } from '../databases.js';
import { SluiceError } from '../errors.js';
import type { Failure } from '../failure.js';
import { isServerFull } from '../failure.js';
import { InFlight } from '../in-flight.js';
import type { Met } from './blame.js';
import { blame, textOf } from './blame.js';
import { Knowledge } from './knowledge.js';
import { Monitor } from './monitor.js';
import type { Asked, ProbesOptions } from './probes.js';
import { Probes, warnOfRefusal } from './probes.js';
import type { Report } from './report.js';
import { RoleCall } from './role-call.js';
import type { Limits, Reading, Verdict } from './verdict.js';
import { shareOf } from './verdict.js';
import { Waiters } from './waiters.js';
import { Watchdog } from './watchdog.js';

export interface HealthOptions extends ProbesOptions, Pick<Limits, 'maxLagMs' | 'slowStartMs'> {
  readonly intervalMs: number;
  readonly onChange: (database: Database, verdict: Verdict, before: Verdict) => void;
  /** A database has become the primary, or takes writes although it is not. */
  readonly onPrimary: (database: Database, reason: 'promoted' | 'disputed', before: Database) => void;
}

/** Silent checks in a row before a database is down. */
const FAILURES = 2;
/** Reads in flight and none answered for so long: the database is looked at. */
const SUSPECT_MS = 120;

/** The databases as last seen: by the checks in the background, and by the statements themselves. */
export class Health {
  readonly #options: HealthOptions;
  readonly #probes: Probes;
  readonly #monitor: Monitor;
  readonly #watchdog: Watchdog;
  readonly #roleCall: RoleCall;
  readonly #waiters: Waiters;
  readonly #knowledge = new Knowledge();
  readonly #inFlight = new Map<string, InFlight>();
  readonly #errors = new Map<string, string>();
  #databases: Databases;
  #disputed: readonly string[] = [];

  constructor(databases: Databases, options: HealthOptions) {
    const { clock, probe, intervalMs, maxLagMs, slowStartMs } = options;
    this.#databases = databases;
    this.#options = options;
    this.#probes = new Probes(options);
    this.#waiters = new Waiters(clock);
    this.#monitor = new Monitor([], {
      clock,
      intervalMs,
      limits: { failures: FAILURES, maxLagMs, slowStartMs },
      patienceMs: (name) => this.#probes.patienceMs(name),
      probe: probe === 'off' ? undefined : (name, signal) => this.#check(name, signal),
      onVerdict: (name, verdict, before) => this.#observe(name, verdict, before),
    });
    this.#roleCall = new RoleCall(clock, () => this.#monitor.checkAll());
    this.#watchdog = new Watchdog({
      clock,
      suspectMs: SUSPECT_MS,
      look: (name) => this.#monitor.look(name),
      overdue: (name) => {
        const forMs = this.#monitor.unansweredMs(name);
        return forMs === undefined ? undefined : forMs >= this.#probes.lookMs(name);
      },
      frozen: (name, silentMs) => this.#frozen(name, silentMs),
    });
    for (const database of databases.all) this.#watch(database);
  }

  get databases(): Databases {
    return this.#databases;
  }

  /** The same for one decision: a database that is warming is offered to some of them only, and to more and more. */
  offered(): Databases {
    const { clock, slowStartMs } = this.#options;
    if (!this.#databases.isWarming) return this.#databases;
    const now = clock.now();
    return this.#databases.admitting(({ name }) => {
      const share = shareOf(this.#monitor.verdict(name), slowStartMs, now);
      return share === 1 || clock.random() < share;
    });
  }

  /** A plain read is sent to this database; answers where it counts as waiting. */
  sent(database: string): InFlight | undefined {
    if (!this.#probes.areSql) return undefined;
    this.#watchdog.arm();
    return this.#inFlight.get(database);
  }

  /** Whether it serves, and has not said that it is read only. */
  takesWrites(database: Database): boolean {
    return serves(database) && !this.#knowledge.isReadOnly(database.name);
  }

  start(): void {
    this.#monitor.start();
    this.#roleCall.start();
  }

  stop(): void {
    this.#monitor.stop();
    this.#roleCall.stop();
    this.#watchdog.stop();
    this.#probes.close();
    this.#waiters.wake();
  }

  /** One more database than before. */
  add(databases: Databases): void {
    this.#databases = databases;
    for (const database of databases.all) if (!this.#inFlight.has(database.name)) this.#watch(database);
    this.#waiters.wake();
  }

  remove(database: string): void {
    this.#databases = this.#databases.less(database);
    this.#monitor.remove(database);
    this.#watchdog.forget(database);
    this.#knowledge.remove(database);
    this.#probes.remove(database);
    this.#inFlight.delete(database);
    this.#errors.delete(database);
    this.#elect();
    this.#waiters.wake();
  }

  /** Somebody has decided that a database gets nothing new, or that it does again. */
  drain(database: string, kind: 'drain' | 'undrain'): void {
    this.#monitor.decide(database, { kind });
  }

  /** A statement was served. */
  served(database: string, now: number): void {
    this.#monitor.served(database);
    this.#inFlight.get(database)?.served(now);
  }

  /** A statement failed for a reason that may lie in its database. */
  failed(database: string, failure: Failure, { sent, error, startedAt }: Met): void {
    const about = blame(failure, sent);
    if (about === undefined) return;
    const text = textOf(error);
    // a pool runs out when its database does not answer, so that is never why it does not
    const seen = this.#databases.get(database);
    if (seen?.role === 'replica' && isServerFull(error)) this.#monitor.report(database, { kind: 'full', error: text });
    else if (failure === 'overloaded' && seen?.health !== 'up') return;
    this.#errors.set(database, text);
    if (failure === 'unusable' && !sent) warnOfRefusal(database, text);
    if (about === 'noted') return;
    const inFlight = this.#inFlight.get(database);
    const hasAnsweredSince = startedAt < (inFlight?.answeredAt ?? -Infinity);
    if (about === 'silent' && inFlight?.lost() === true && seen?.role === 'replica')
      this.#monitor.report(database, { kind: 'failing', error: text });
    else if ((about === 'silent' || hasAnsweredSince) && this.#probes.areSql) this.#lookInto(database, text);
    else this.#monitor.report(database, { kind: about, error: text });
  }

  /** Settles when the roles of all databases have been asked for again. */
  readonly lookAgain = (): Promise<void> => (this.#probes.areSql ? this.#roleCall.hold() : Promise.resolve());

  /** Settles when something was learnt of a database, or after `ms` milliseconds. */
  readonly changed = (ms: number): Promise<void> => this.#waiters.wait(ms);

  /** Why a database does not serve as it should; undefined: it does, or nobody knows. */
  lastError(database: string): string | undefined {
    return this.#errors.get(database);
  }

  #watch(database: Database): void {
    const { name } = database;
    const inFlight = new InFlight();
    this.#inFlight.set(name, inFlight);
    this.#watchdog.watch(name, inFlight);
    this.#knowledge.add(database);
    this.#probes.add(name);
    this.#monitor.add(name);
  }

  /** One connection was lost, which may be its own fault: a check decides. */
  #lookInto(database: string, error: string): void {
    if (this.#monitor.verdict(database).health === 'up') this.#monitor.report(database, { kind: 'silent', error });
    this.#monitor.look(database);
  }

  #check(name: string, signal: AbortSignal): Promise<Reading> {
    return this.#probes.check(name, signal, (report, asked) => this.#learn(name, report, asked));
  }

  #learn(name: string, report: Report, { askedAt, waitedMs }: Asked): Reading {
    const database = this.#databases.get(name);
    if (waitedMs !== undefined) database?.load.checked(this.#options.clock.now(), waitedMs);
    this.#watchdog.alive(name);
    this.#knowledge.learn(name, report, askedAt, database?.role);
    this.#elect();
    return this.#knowledge.reading(name, this.#databases, this.#disputed, askedAt);
  }

  #observe(name: string, verdict: Verdict, before: Verdict): void {
    const { health, lagMs, reason } = verdict;
    this.#databases = this.#databases.observe(name, { health, lagMs });
    if (health === before.health) return;
    if (health === 'up') this.#errors.delete(name);
    if (health === 'down') {
      this.#errors.set(name, reason);
      this.#abandon(name, reason);
      this.#knowledge.lost(name);
      this.#elect();
    }
    this.#options.onChange(this.#databases.named(name), verdict, before);
    this.#waiters.wake();
  }

  #elect(): void {
    const { primaries, disputed } = this.#knowledge.roles(this.#databases);
    const before = this.#databases;
    this.#databases = before.appoint(primaries);
    if (this.#databases !== before) {
      this.#knowledge.appointed(this.#databases);
      const promoted = this.#databases.primaries.filter(({ name }) => before.get(name)?.role !== 'primary');
      for (const database of promoted) this.#options.onPrimary(database, 'promoted', before.default);
      this.#waiters.wake();
    }
    const newly = disputed.filter((name) => !this.#disputed.includes(name));
    this.#disputed = disputed;
    for (const name of newly) this.#options.onPrimary(this.#databases.named(name), 'disputed', this.#databases.default);
  }

  #frozen(name: string, silentMs: number): void {
    const error = `it holds its connections open and has answered nothing for ${Math.round(silentMs)} ms`;
    this.#monitor.report(name, { kind: 'frozen', error });
    // it was down already, and a read was sent there for want of anything better
    this.#abandon(name, error);
  }

  #abandon(name: string, reason: string): void {
    if (!this.#probes.areSql) return;
    const told = `${name} is down (${reason}), so its reads were given up; try again`;
    const error = new SluiceError('SLUICE_TIMEOUT', told);
    this.#inFlight.get(name)?.abandon(error);
    if (this.#databases.get(name)?.role === 'replica') this.#options.adapter.frozen?.(name, error);
  }
}
