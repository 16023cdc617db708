import type { Engine, Lease } from '@sluice/core';
import type { Readable } from 'node:stream';
import type { Attached, Attachment } from './attachment.js';
import type { PooledConnection } from './pools/pool.js';

export interface StreamUnder {
  readonly engine: Engine;
  readonly lease: Lease;
  readonly attached: Attached;
  /** Whether the lease is the stream's own, and no transaction's. */
  readonly own: boolean;
  /** Asks the driver for the stream. */
  readonly open: () => Promise<Readable>;
  /** Gives up a connection that an error has made unfit. */
  readonly judge: (attachment: Attachment, error: unknown) => void;
}

/**
 * A stream whose first row is there; until then another database may still answer instead. Its connection is free, and
 * its lease ended, when it is over.
 */
export async function streamUnder({ engine, lease, attached, own, open, judge }: StreamUnder): Promise<Readable> {
  const { attachment, connection } = attached;
  const over: Over = (error, abandoned) => {
    // pg closes an abandoned cursor; mysql2 would go on reading its rows
    if (own && abandoned && engine === 'mysql') attachment.breakWith(new Error('the stream was abandoned'));
    if (error !== undefined) judge(attachment, error);
    if (own) lease.end('committed', { failed: error !== undefined });
    attachment.exit();
  };
  try {
    return await firstRow(await open(), connection, over);
  } catch (error) {
    judge(attachment, error);
    attachment.exit();
    throw error;
  }
}

/** Called once, when a stream's connection is free again: with the error, or because the consumer left early. */
type Over = (error: Error | undefined, abandoned: boolean) => void;

/**
 * Waits until a stream has its first row, its end, or its error; nothing of it is consumed. Afterwards a connection
 * that is lost fails the stream (mysql2 does not), and `over` is called once.
 * @throws the error that came before the first row; `over` is not called then
 */
function firstRow(stream: Readable, connection: PooledConnection, over: Over): Promise<Readable> {
  return new Promise((resolve, reject) => {
    let started = false;
    endsWith(stream, connection);
    const lost = (error?: Error): void => {
      stream.destroy(error ?? new Error('Connection lost: the server closed the connection.'));
    };
    const stopHearing = connection.onLost(lost);
    const settle = (): void => {
      stream.removeListener('readable', settle);
      stream.removeListener('end', settle);
      started = true;
      resolve(stream);
    };
    let finished = false;
    const finish = (error: Error | undefined, abandoned: boolean): void => {
      if (finished) return;
      finished = true;
      stopHearing();
      if (started) over(error, abandoned);
      else reject(error ?? new Error('the stream ended before it began'));
    };
    stream.on('error', (error: Error) => finish(error, false));
    stream.on('end', () => finish(undefined, false));
    stream.on('close', () => finish(undefined, true));
    stream.prependListener('end', settle);
    stream.on('readable', settle);
  });
}

/** Lets a stream end although its connection is gone: pg-query-stream waits for a last word of the server. */
function endsWith(stream: Readable, connection: PooledConnection): void {
  const destroy = stream._destroy.bind(stream);
  let gone = false;
  let settle: (() => void) | undefined;
  const stopHearing = connection.onLost(() => {
    gone = true;
    settle?.();
  });
  stream._destroy = (error, callback) => {
    const done = (failure?: Error | null): void => {
      if (settle === undefined) return;
      settle = undefined;
      stopHearing();
      callback(failure ?? error);
    };
    settle = done;
    if (gone) done();
    else destroy(error, done);
  };
}

/** Tells when a stream is over: `onEnd` at its end or when its consumer leaves it, `onError` when it fails. */
export function onceOver(
  stream: Readable,
  onEnd: (() => void) | undefined,
  onError: ((error: Error) => void) | undefined,
): void {
  let told = false;
  const tell = (listener: (() => void) | undefined) => (): void => {
    if (told) return;
    told = true;
    listener?.();
  };
  stream.on('error', (error: Error) => tell(() => onError?.(error))());
  stream.on('end', tell(onEnd));
  stream.on('close', tell(onEnd));
}
