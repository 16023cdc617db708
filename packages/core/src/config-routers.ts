import { SluiceError } from './errors.js';
import { nearest, show } from './options.js';
import { Router } from './router.js';
import { FailoverRouter } from './routers/failover.js';
import { MultiPrimaryRouter } from './routers/multi-primary.js';
import { PinningReplicaRouter } from './routers/pinning.js';
import { PrimaryReplicaRouter } from './routers/primary-replica.js';
import { ReplicaRouter } from './routers/replica.js';

/** The routers that a configuration file can name; two of them under their RestAuth names too. */
const SHIPPED = {
  PrimaryReplicaRouter,
  MasterSlave: PrimaryReplicaRouter,
  MultiPrimaryRouter,
  MultipleMasterSlave: MultiPrimaryRouter,
  ReplicaRouter,
  PinningReplicaRouter,
  FailoverRouter,
} as const;

export type ShippedRouter = keyof typeof SHIPPED;

/** A router, the class of one that needs no arguments, or the name of a shipped one. */
export type RouterOption = Router | (new () => Router) | ShippedRouter;

/**
 * The routers that were given, checked and made.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function routersOf({
  router,
  routers,
}: {
  readonly router?: RouterOption;
  readonly routers?: readonly RouterOption[];
}): readonly Router[] {
  if (routers === undefined) return [routerOf('router', router === undefined ? new PinningReplicaRouter() : router)];
  if (router !== undefined) {
    throw new SluiceError('SLUICE_CONFIG', 'router and routers are both given; give one of them');
  }
  if (!Array.isArray(routers)) {
    throw new SluiceError('SLUICE_CONFIG', `routers is ${show(routers)}; give an array of routers, or one as router`);
  }
  return routers.map((each: RouterOption, index) => routerOf(`routers[${index}]`, each));
}

const HOOKS = ['dbForRead', 'dbForWrite', 'allowRelation', 'allowMigrate'] as const;

function routerOf(option: string, given: RouterOption): Router {
  const router = typeof given === 'string' ? shipped(option, given) : given;
  // an arrow function has no prototype, and cannot be called with new
  const instance: unknown = typeof router === 'function' && router.prototype !== undefined ? new router() : router;
  const hooks = typeof instance === 'object' && instance !== null ? (instance as Record<string, unknown>) : {};
  if (instance instanceof Router || HOOKS.some((hook) => hooks[hook] !== undefined)) {
    const wrong = HOOKS.find((hook) => hooks[hook] !== undefined && typeof hooks[hook] !== 'function');
    if (wrong === undefined) return pinningRight(option, instance as Router);
    throw new SluiceError('SLUICE_CONFIG', `${wrong} of ${option} is ${show(hooks[wrong])}; give a method`);
  }
  throw new SluiceError(
    'SLUICE_CONFIG',
    `${option} is ${show(given)}; give an object with one or more of ${HOOKS.join(', ')}, the class of one, or one of ${Object.keys(SHIPPED).map(show).join(', ')}`,
  );
}

function pinningRight(option: string, router: Router): Router {
  const { pinSeconds }: { readonly pinSeconds?: unknown } = router;
  if (pinSeconds === undefined || (typeof pinSeconds === 'number' && Number.isFinite(pinSeconds) && pinSeconds >= 0))
    return router;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `pinSeconds of ${option} is ${show(pinSeconds)}; give a number of at least 0, or leave it out`,
  );
}

function shipped(option: string, name: string): new () => Router {
  if (Object.hasOwn(SHIPPED, name)) return SHIPPED[name as ShippedRouter];
  const near = nearest(name, Object.keys(SHIPPED));
  throw new SluiceError(
    'SLUICE_CONFIG',
    `${option} is ${show(name)}, which is no shipped router${near === undefined ? '' : `, did you mean ${show(near)}?`}; allowed are ${Object.keys(SHIPPED).map(show).join(', ')}`,
  );
}
