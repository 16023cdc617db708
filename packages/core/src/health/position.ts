/**
 * How far a server has come, by source: PostgreSQL's WAL has one, MariaDB's GTIDs one for each domain, MySQL's one for
 * each server that ever wrote. The numbers of a source only grow.
 */
export type Position = ReadonlyMap<string, number>;

/** Whether all that `target` holds is held by `position`, too. */
export function reached(position: Position, target: Position): boolean {
  for (const [source, count] of target) if ((position.get(source) ?? 0) < count) return false;
  return true;
}

/** A byte of PostgreSQL's WAL, in decimal; exact to 2^53, beyond which no WAL has come. */
export function walPosition(bytes: unknown): Position | undefined {
  const number = typeof bytes === 'string' || typeof bytes === 'number' ? Number(bytes) : Number.NaN;
  return Number.isFinite(number) && number > 0 ? new Map([['wal', number]]) : undefined;
}

/** MariaDB's list, `0-1-270,1-1-5`: the domain, the server that wrote, the number of the transaction. */
export function mariadbPosition(list: unknown): Position | undefined {
  if (typeof list !== 'string' || list === '') return undefined;
  const position = new Map<string, number>();
  for (const gtid of list.split(',')) {
    const [domain, , sequence] = gtid.trim().split('-');
    const number = Number(sequence);
    if (domain === undefined || !Number.isSafeInteger(number)) return undefined;
    position.set(domain, Math.max(number, position.get(domain) ?? 0));
  }
  return position;
}

/** MySQL's set, `uuid:1-5:7,uuid:1-3`: counted, as a set with a gap that never closes must not look like a delay. */
export function mysqlPosition(set: unknown): Position | undefined {
  if (typeof set !== 'string' || set === '') return undefined;
  const position = new Map<string, number>();
  for (const entry of set.split(',')) {
    const [uuid, ...intervals] = entry.trim().split(':');
    if (uuid === undefined) return undefined;
    let count = position.get(uuid) ?? 0;
    for (const interval of intervals) {
      const [first, last = first] = interval.split('-').map(Number);
      // MySQL 8.3 puts tags between the intervals
      if (first !== undefined && last !== undefined && last >= first) count += last - first + 1;
    }
    position.set(uuid, count);
  }
  return position;
}

/** All of a position in one number, to tell the newer of two servers that both took writes. */
export function extent(position: Position | undefined): number {
  let sum = 0;
  for (const count of position?.values() ?? []) sum += count;
  return sum;
}
