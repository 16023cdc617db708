/** One line of the report. Times are microseconds for one operation. */
export interface Row {
  readonly what: string;
  /** The stock ORM on one server. */
  readonly singleUs?: number;
  /** The stock ORM with its own replication. */
  readonly replicationUs?: number;
  readonly sluiceUs: number;
  /** Sluice − stock replication: the median over all rounds. */
  readonly moreUs?: number;
  /** Sluice ÷ stock replication: the median over all rounds, and where it surely lies. */
  readonly ratio?: Spread;
  /** A second one of stock replication ÷ the first: what the machine's noise makes of "no difference". */
  readonly noise?: Spread;
  /** Bytes that one operation allocates. */
  readonly bytes?: number;
  readonly target?: Target;
}

export interface Spread {
  readonly median: number;
  /** The median of all possible rounds lies between these, 95 times of 100. */
  readonly low: number;
  readonly high: number;
}

export interface Target {
  readonly of: 'sluiceUs' | 'ratio';
  readonly most: number;
}

export function isMet({ sluiceUs, ratio, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const value = target.of === 'ratio' ? ratio?.median : sluiceUs;
  return value !== undefined && value <= target.most;
}
