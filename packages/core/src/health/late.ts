/** A timer that was so late says that this process stood still, not the database. Milliseconds. */
export const LATE_MS = 50;
