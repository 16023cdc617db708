import { describe, expect, it } from '@jest/globals';
import type { RouterOption } from '../../src/config-routers.js';
import type { MigrateRequest } from '../../src/router.js';
import { useReplica } from '../../src/scopes.js';
import type { Rig } from '../support/rig.js';
import { rig } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

const THREE = { default: {}, 'primary-b': {}, 'replica-1': {} };
const cluster = (router: RouterOption = 'ReplicaRouter'): Rig['cluster'] => rig({ databases: THREE, router }).cluster;
const targets = (given: Rig['cluster'], models: readonly string[] = []): string[] =>
  given.migrationTargets('synchronize', models).map(({ name }) => name);
const allowing = (allows: (database: string, request: MigrateRequest) => boolean | undefined): RouterOption => ({
  allowMigrate: ({ name }, request) => allows(name, request),
});

describe('a schema change', () => {
  it('runs on the default primary only, without an opinion of the routers', () => {
    expect(targets(cluster())).toEqual(['default']);
    expect(targets(cluster(), ['Order'])).toEqual(['default']);
  });

  it('runs there also inside useReplica', () => {
    expect(useReplica(() => targets(cluster()))).toEqual(['default']);
  });

  it('runs on the databases that a router allows', () => {
    expect(targets(cluster(allowing((name) => name !== 'replica-1')))).toEqual(['default', 'primary-b']);
    expect(targets(cluster(allowing((name) => name === 'primary-b')))).toEqual(['primary-b']);
    expect(targets(cluster(allowing(() => false)))).toEqual([]);
  });

  it('runs on the default primary where the router knows others only', () => {
    expect(targets(cluster(allowing((name) => (name === 'primary-b' ? true : undefined))))).toEqual([
      'default',
      'primary-b',
    ]);
  });

  it('runs where one of its entities is allowed', () => {
    const audit = allowing((name, { model }) => (model === 'Audit' ? name === 'primary-b' : undefined));
    expect(targets(cluster(audit), ['Order'])).toEqual(['default']);
    expect(targets(cluster(audit), ['Order', 'Audit'])).toEqual(['default', 'primary-b']);
  });

  it('is refused where a router allows a replica', async () => {
    expect(await refusal('SLUICE_MIGRATION_REFUSED', () => targets(cluster(allowing(() => true))))).toBe(
      'allowMigrate names replica-1, which is a replica and gets its schema by replication; allow primaries only',
    );
  });

  it('of an entity without an opinion is allowed where the schema as a whole is', () => {
    const whole = cluster(allowing((name, { model }) => (model === undefined ? name === 'primary-b' : undefined)));
    const request = { operation: 'migrations', model: 'Order' } as const;
    const [default_, primaryB] = whole.databases.primaries;
    expect(whole.allowsMigrate(primaryB!, request)).toBe(true);
    expect(whole.allowsMigrate(default_!, request)).toBe(false);
  });

  it('is told to the routers with its operation', () => {
    const seen: MigrateRequest[] = [];
    const asked = cluster(allowing((_name, request) => void seen.push(request)));
    asked.migrationTargets('drop', []);
    expect(new Set(seen.map(({ operation }) => operation))).toEqual(new Set(['drop']));
  });
});
