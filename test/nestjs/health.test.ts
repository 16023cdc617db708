import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import { PinningReplicaRouter } from '@sluice/core';
import { SluiceHealthIndicator } from '@sluice/nestjs';
import { type Application, PLATFORMS, providing, started } from './support/application.js';
import { User } from '../support/user.js';

@Controller()
class HealthController {
  constructor(
    @Inject(HealthCheckService) readonly health: HealthCheckService,
    @Inject(SluiceHealthIndicator) readonly sluice: SluiceHealthIndicator,
    @Inject(FakeOrm) readonly orm: FakeOrm,
  ) {}

  @Get('health')
  @HealthCheck()
  check() {
    return this.health.check([() => this.sluice.isHealthy('database', this.orm.cluster)]);
  }
}

describe.each(PLATFORMS)('the health of a cluster, as Terminus tells it on %s', (platform) => {
  let servers: FakeServers;
  let orm: FakeOrm;
  let application: Application;
  let ada: User;

  beforeEach(async () => {
    servers = new FakeServers();
    orm = new FakeOrm(servers, { router: new PinningReplicaRouter() });
    application = await started(platform, {
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [providing(orm)],
    });
    ada = new User(application.url);
  });
  afterEach(async () => {
    await application.close();
    await orm.close();
  });

  it('is up, with each database in the details', async () => {
    const databases = {
      default: { role: 'primary', health: 'up' },
      'replica-1': { role: 'replica', health: 'up' },
      'replica-2': { role: 'replica', health: 'up' },
    };
    expect(await ada.get('/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', info: { database: { status: 'up', databases } } },
    });
  });

  it('stays up while a replica is down, and shows it', async () => {
    await servers.kill('replica-1');
    for (let read = 0; read < 4; read += 1) await orm.read(1);
    expect(await ada.get('/health')).toMatchObject({
      status: 200,
      body: {
        details: { database: { databases: { 'replica-1': { health: 'down' }, 'replica-2': { health: 'up' } } } },
      },
    });
  });

  it('is down without a primary, and says why', async () => {
    await servers.kill('default');
    await orm.write(1, 'never').catch(() => undefined);
    expect(await ada.get('/health')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { database: { status: 'down', message: 'no primary answers' } } },
    });
  });
});
