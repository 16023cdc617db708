import type { Order } from './order.js';

export const QUEUE = 'receipts';
export const connection = { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' };

/** A receipt to print. */
export interface ReceiptJob {
  readonly order: number;
  /** What the session that asked for it has pinned: `session.export()`. */
  readonly pins: string | undefined;
}

/** What the worker saw. */
export type Receipt = Order | null;
