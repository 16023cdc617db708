import type { Contender, ContenderName } from './contenders.js';
import type { Place } from './place.js';

type Contenders = Readonly<Record<ContenderName, (place: Place) => Promise<Contender>>>;

/** The contenders of each ORM; a process loads one ORM only. */
export const ORMS = {
  typeorm: async (): Promise<Contenders> => (await import('./contenders.js')).CONTENDERS,
  'mikro-orm': async (): Promise<Contenders> => (await import('./mikro-orm-contenders.js')).MIKRO_ORM_CONTENDERS,
} as const;

export type OrmName = keyof typeof ORMS;
