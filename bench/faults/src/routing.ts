import { fastest, type Select } from '@sluice/core';
import type { Place } from './place.js';

/** What Sluice is told, on either ORM; everything else is as it is when nobody says. */
export interface Routing {
  readonly databases: Place['databases'];
  readonly select?: Select;
  readonly holdWritesMs?: number;
}

export function routingOf({ databases, routing: { select, ...others } }: Place): Routing {
  return { databases, ...others, ...(select === 'fastest' && { select: fastest() }) };
}
