import { bound, currentFrame, type Frame, runInFrame } from '@sluice/core';
import { DataSource, InsertQueryBuilder, type QueryRunner, SelectQueryBuilder, UpdateQueryBuilder } from 'typeorm';
import type { BuilderInternals, ExpressionMapInternals } from './internals.js';
import type { RoutedRunner } from './routed-runner.js';
import { dataSourceOf } from './internals.js';
import { modelOf } from './models.js';
import type { Origin } from './origin.js';
import { patch } from './patch.js';
import { routingOf } from './routing.js';

/** Where a builder was made, on its expression map: that is what `clone()` and `update()` copy. */
const MADE_IN = Symbol('made in');

type Marked = ExpressionMapInternals & { [MADE_IN]?: Frame };

/**
 * Lets builders say to their query runner which entity they are about and where they were made. TypeORM has no hook
 * for that: it makes builders in a dozen places and resets its own registry of builder classes with each data source.
 * Builders of data sources that are not routed do as before.
 */
export function patchQueryBuilders(): void {
  patchObtain(SelectQueryBuilder.prototype, false);
  // the other builders share this one method
  const base = Object.getPrototypeOf(UpdateQueryBuilder.prototype) as object;
  patchObtain(base, true);
  patchDerive(base);
  // these make further builders while they run
  patchCall(SelectQueryBuilder.prototype, 'executeEntitiesAndRawResults');
  patchCall(InsertQueryBuilder.prototype, 'execute');
  patchCall(UpdateQueryBuilder.prototype, 'execute');
  patchCreate();
}

function patchObtain(prototype: object, writes: boolean): void {
  patch<BuilderInternals, [], QueryRunner>(
    prototype,
    'obtainQueryRunner',
    (stock) =>
      function obtain() {
        const own = this.queryRunner;
        const runner = stock.call(this);
        if (routingOf(dataSourceOf(this)) === undefined) return runner;
        const alias = writes ? this.expressionMap.mainAlias : undefined;
        const origin: Origin = {
          builder: this,
          frame: (this.expressionMap as Marked)[MADE_IN],
          writes: alias?.hasMetadata === true ? [modelOf(alias.metadata)] : undefined,
        };
        const routed = runner as unknown as RoutedRunner;
        // `setQueryRunner` takes any runner, also one of another data source
        if (routed.calls === undefined) return runner;
        if (own === undefined) routed.calls.serveOne();
        if (writes) routed.confine(origin);
        routed.calls.comesFrom(origin);
        return runner;
      },
  );
}

/** What a builder does on its runner while it runs belongs to one call, and to the scope in which it was made. */
function patchCall(prototype: object, method: string): void {
  patch<BuilderInternals, unknown[], Promise<unknown>>(
    prototype,
    method,
    (stock) =>
      function call(...args) {
        const runner: Partial<RoutedRunner> | undefined = args[0] ?? this.queryRunner;
        const frame = (this.expressionMap as Marked)[MADE_IN];
        const work = (): Promise<unknown> => stock.apply(this, args);
        const framed = frame === undefined ? work : () => runInFrame(bound(frame, currentFrame()), work);
        return runner?.calls === undefined ? framed() : runner.calls.calling(framed);
      },
  );
}

/** A builder that another one makes (a subquery, a step of a relation's update) was made where that one was. */
function patchDerive(prototype: object): void {
  patch<BuilderInternals, unknown[], BuilderInternals>(
    prototype,
    'createQueryBuilder',
    (stock) =>
      function derive(...args) {
        const builder = stock.apply(this, args);
        const frame = (this.expressionMap as Marked)[MADE_IN];
        if (frame !== undefined) mark(builder, frame);
        return builder;
      },
  );
}

function patchCreate(): void {
  patch<DataSource, unknown[], BuilderInternals>(
    DataSource.prototype,
    'createQueryBuilder',
    (stock) =>
      function create(...args) {
        const builder = stock.apply(this, args);
        if (routingOf(this) === undefined) return builder;
        const frame = currentFrame();
        if (frame.placement !== undefined) mark(builder, frame);
        return builder;
      },
  );
}

function mark({ expressionMap }: BuilderInternals, frame: Frame): void {
  (expressionMap as Marked)[MADE_IN] = frame;
  patch<Marked, [], Marked>(
    Object.getPrototypeOf(expressionMap) as object,
    'clone',
    (stock) =>
      function clone() {
        const copy = stock.call(this);
        if (this[MADE_IN] !== undefined) copy[MADE_IN] = this[MADE_IN];
        return copy;
      },
  );
}
