import type { Cluster } from '../../src/cluster.js';
import type { Lease } from '../../src/lease.js';
import type { StatementInfo } from '../../src/request.js';

/** How one attempt fails: before anything was sent, or after. */
export interface Fault {
  readonly sent: boolean;
  readonly error: Error;
}

function fault(sent: boolean, message: string, fields: object = {}): Fault {
  return { sent, error: Object.assign(new Error(message), fields) };
}

/** Faults as mysql2 gives them. */
export const refused = (): Fault => fault(false, 'connect ECONNREFUSED', { code: 'ECONNREFUSED', errno: -111 });
export const lost = (): Fault =>
  fault(true, 'Connection lost: The server closed the connection.', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
export const readOnly = (): Fault =>
  fault(true, 'The MariaDB server is running with the --read-only option so it cannot execute this statement', {
    code: 'ER_OPTION_PREVENTS_STATEMENT',
    errno: 1290,
  });
export const full = (): Fault => fault(false, 'Too many connections', { code: 'ER_CON_COUNT_ERROR', errno: 1040 });
export const denied = (): Fault =>
  fault(false, "Access denied for user 'app'", { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 });
export const notReady = (): Fault =>
  fault(true, 'WSREP has not yet prepared node for application use', { code: 'ER_UNKNOWN_COM_ERROR', errno: 1047 });
export const duplicate = (): Fault => fault(true, 'Duplicate entry', { code: 'ER_DUP_ENTRY', errno: 1062 });
export const deadlock = (): Fault => fault(true, 'Deadlock found', { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
export const brokenOff = (): Fault => fault(true, 'read ETIMEDOUT', { code: 'ETIMEDOUT', fatal: true });
export const limited = (): Fault =>
  fault(true, 'Query execution was interrupted (max_statement_time exceeded)', { errno: 1969 });
export const timedOut = (): Fault => fault(true, 'Query inactivity timeout', { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
/** As pg gives it. */
export const conflict = (): Fault =>
  fault(true, 'canceling statement due to conflict with recovery', { code: '40001' });

/** No fault: the database serves. */
export const never = (): undefined => undefined;

/** Faults in order, per database; once a list is used up, its database serves. */
export type Script = Readonly<Record<string, readonly (() => Fault | undefined)[]>>;

export interface Scripted {
  /** The databases that were asked, in order. */
  readonly asked: string[];
  /** The databases to which something was sent, in order. */
  readonly sent: string[];
  run(info: StatementInfo): Promise<string>;
  /** Opens a transaction, which fails as scripted. */
  begin(info?: StatementInfo): Promise<Lease>;
}

/** A cluster whose databases fail as scripted. */
export function scripted(cluster: Cluster, script: Script): Scripted {
  const left = new Map(Object.entries(script).map(([name, faults]) => [name, [...faults]]));
  const asked: string[] = [];
  const sent: string[] = [];
  const attempt = async (lease: Lease, send: () => void): Promise<string> => {
    const { name } = lease.database;
    asked.push(name);
    const next = left.get(name)?.shift()?.();
    if (next?.sent === false) throw next.error;
    send();
    sent.push(name);
    if (next !== undefined) throw next.error;
    return name;
  };
  return {
    asked,
    sent,
    run: (info) =>
      cluster.run(info, async (lease) => {
        const name = await attempt(lease, () => (info.intent === 'write' ? lease.writing() : lease.sending()));
        if (info.intent === 'write') lease.changed(1);
        return name;
      }),
    begin: async (info = { intent: 'write' }) =>
      (await cluster.begin(info, (lease) => attempt(lease, () => lease.sending()))).lease,
  };
}

/** For ever, as far as a test is concerned. */
export const always = (make: () => Fault): (() => Fault)[] => Array.from({ length: 1_000 }, () => make);
