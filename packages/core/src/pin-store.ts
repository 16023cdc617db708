/** Keeps the pins of a user, a tenant or a job under an id, for processes and devices that share no cookie. */
export interface PinStore {
  /**
   * What was saved under this id and is not over; undefined: nothing. The caller keeps to the primary if it rejects, and
   * if it answers what are no pins. Must settle within a time-out of its own.
   */
  load(id: string): Promise<string | undefined>;
  /** Adds these pins (`session.export()`) to those of this id; a longer pin that is there already stays. */
  save(id: string, pins: string): Promise<void>;
}
