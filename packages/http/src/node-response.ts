import type { IncomingMessage, ServerResponse } from 'node:http';
import onHeaders from 'on-headers';
import type { RequestFacts } from './pins.js';
import type { RequestPin } from './request-pin.js';

/** What is looked at of a request of Node.js itself. */
export function factsOf(request: IncomingMessage): RequestFacts {
  return {
    method: request.method ?? 'GET',
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

/** Adds the pin right before the headers of a response go out, and holds its end until the pin is kept. */
export function attach(pin: RequestPin, response: ServerResponse): void {
  onHeaders(response, () => {
    const header = pin.header();
    if (header !== undefined) response.appendHeader(header.name, header.value);
  });
  response.once('close', () => pin.finish());
  const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse;
  response.end = ((...parts: unknown[]) => {
    const keeping = pin.beforeEnd();
    if (keeping === undefined) return end(...parts);
    void keeping.then(() => end(...parts));
    return response;
  }) as ServerResponse['end'];
}

/** Goes on with a request in its session, as soon as that may be used. */
export function enter(pin: RequestPin, next: () => void): void {
  if (pin.ready === undefined) pin.run(next);
  else void pin.ready.then(() => pin.run(next));
}
