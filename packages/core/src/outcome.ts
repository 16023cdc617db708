/** How the work under a lease ended. `unknown`: a write may or may not have been applied. */
export type Outcome = 'committed' | 'rolled-back' | 'unknown';
