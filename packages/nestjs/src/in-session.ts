import { Session, withSession } from '@sluice/core';
import type { RequestPin } from '@sluice/http';
import { Observable } from 'rxjs';

/** What `work` emits, in the session of a request; that outlives it. */
export function inRequest<T>(pin: RequestPin, work: () => Observable<T>): Observable<T> {
  return new Observable((subscriber) => pin.run(() => work().subscribe(subscriber)));
}

/** The pins that came with a piece of work. */
export interface Arrived {
  readonly from: string | undefined;
  readonly longestSeconds: number;
}

/** What `work` emits, in a session of its own that is closed as soon as nothing more comes. */
export function inOwnSession<T>(arrived: () => Arrived, work: () => Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const session = new Session(arrived());
    subscriber.add(() => session.close());
    return withSession(session, () => work().subscribe(subscriber));
  });
}
