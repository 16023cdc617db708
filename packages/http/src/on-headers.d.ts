/** Calls `listener` right before the headers of a response are sent. */
declare module 'on-headers' {
  import type { ServerResponse } from 'node:http';

  export default function onHeaders(response: ServerResponse, listener: () => void): void;
}
