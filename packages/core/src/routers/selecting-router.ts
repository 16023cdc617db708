import { SluiceError } from '../errors.js';
import { refuseUnknown, show } from '../options.js';
import { Router } from '../router.js';
import type { Select } from '../selection/select.js';
import { isSelect } from '../selection/select.js';

export interface RouterOptions {
  /** Chooses one of several candidates. Default: the cluster's `select`, else what the router names. */
  readonly select?: Select;
}

/** What the shipped routers share: a strategy that is given, or comes with the configuration. */
export abstract class SelectingRouter extends Router {
  override select: Select;
  readonly #given: boolean;

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(options: RouterOptions, fallback: () => Select) {
    super();
    const router = new.target.name;
    refuseUnknown(router, options, ['select']);
    if (options.select !== undefined && !isSelect(options.select)) {
      throw new SluiceError(
        'SLUICE_CONFIG',
        `select of ${router} is ${show(options.select)}; give a function, an object with select(candidates), or one of random(), roundRobin(), weighted(), leastBusy(), fastest()`,
      );
    }
    this.#given = options.select !== undefined;
    this.select = options.select ?? fallback();
  }

  override adopt(select: Select): void {
    if (!this.#given) this.select = select;
  }
}
