import { beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Header, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { UseDatabase, UsePrimary, UseReplica } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { PLATFORMS, PRIMARY, REPLICA } from './support/application.js';
import { stageForEach } from './support/stage.js';
import type { User } from '../support/user.js';

class Ok {
  canActivate(): boolean {
    return true;
  }
}

@UsePrimary()
@Controller('accounts')
class Accounts {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @Get()
  read() {
    return this.orm.read(1);
  }

  @UseReplica()
  @Get('report')
  report() {
    return this.orm.read(1);
  }

  @UseGuards(Ok)
  @Header('x-note', 'yes')
  @Get(':id/:rest')
  param(@Param('id') id: string) {
    return this.orm.read(Number(id));
  }
}

@Controller('orders')
class Orders {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @Get()
  read() {
    return this.orm.read(1);
  }

  @Get('fresh')
  @UsePrimary()
  fresh() {
    return this.orm.read(1);
  }

  @UseDatabase('replica-2')
  @Post('second')
  second(@Body('a') a: number) {
    return this.orm.read(a);
  }
}

describe.each(PLATFORMS)('decorators of controllers on %s', (platform) => {
  const stage = stageForEach();
  let ada: User;

  beforeEach(async () => {
    ada = await stage.serve(platform, { controllers: [Accounts, Orders] });
  });

  it.each([
    ['each handler of a controller', '/accounts', PRIMARY],
    ['a handler with guards, headers and parameters', '/accounts/1/x', PRIMARY],
    ['a handler nearest to its own decorator', '/accounts/report', REPLICA],
    ['one handler', '/orders/fresh', PRIMARY],
    ['no other handler', '/orders', REPLICA],
  ])('route %s', async (_what, path, by) => {
    expect(await ada.get(path)).toMatchObject({ status: 200, body: { by }, setCookie: null });
  });

  it('name a database, also for a pinned request', async () => {
    expect(await ada.post('/orders/second')).toMatchObject({ status: 201, body: { by: 'replica-2' } });
  });
});
