import { afterEach, beforeEach } from '@jest/globals';
import type { FakeOrm } from '@sluice/core/testing';
import { User } from '../../support/user.js';
import { type Application, fakeOrm, type Parts, type Platform, providing, started } from './application.js';

/** What each test of a `describe` has to itself: an ORM, and an application on it once it is started. */
export interface Stage {
  readonly orm: FakeOrm;
  readonly application: Application;
  /** Starts the application with the ORM among its providers. Answers a user of it. */
  serve(platform: Platform, parts: Parts): Promise<User>;
}

/** Sets the stage before each test of the `describe` around the call, and clears it after. */
export function stageForEach(): Stage {
  let orm: FakeOrm;
  let application: Application | undefined;
  beforeEach(() => {
    orm = fakeOrm();
  });
  afterEach(async () => {
    await application?.close();
    application = undefined;
    await orm.close();
  });
  return {
    get orm() {
      return orm;
    },
    get application() {
      if (application === undefined) throw new Error('this test has not started an application');
      return application;
    },
    async serve(platform, parts) {
      application = await started(platform, { ...parts, providers: [providing(orm), ...(parts.providers ?? [])] });
      return new User(application.url);
    },
  };
}
