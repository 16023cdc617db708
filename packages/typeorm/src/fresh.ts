import { currentFrame, placementFor, usePrimary } from '@sluice/core';
import { BaseEntity } from 'typeorm';
import { dataSourceOf } from './internals.js';
import { patch } from './patch.js';
import { type Routing, routingOf } from './routing.js';

/** Reads that are about to be written back: on the primary if the session wrote and no scope says otherwise. */
export function freshly<T>(routing: Routing, work: () => T): T {
  const { cluster } = routing;
  const placed = placementFor(currentFrame(), cluster.name) !== undefined;
  return !placed && cluster.sessionWrote() ? usePrimary(work, { cluster: cluster.name }) : work();
}

/** `entity.reload()` has no other hook: Active Record looks its data source up itself. */
export function patchReload(): void {
  patch<BaseEntity, [], Promise<void>>(
    BaseEntity.prototype,
    'reload',
    (stock) =>
      function reload() {
        const { manager } = (this.constructor as typeof BaseEntity).getRepository();
        const routing = routingOf(dataSourceOf(manager));
        return routing === undefined ? stock.call(this) : freshly(routing, () => stock.call(this));
      },
  );
}
