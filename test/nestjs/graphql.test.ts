import { describe, expect, it } from '@jest/globals';
import { ApolloDriver } from '@nestjs/apollo';
import { type CanActivate, Inject, Injectable } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  Args,
  Field,
  type GqlModuleOptions,
  GraphQLModule,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { UsePrimary, UseReplica } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { type Parts, PRIMARY, REPLICA } from './support/application.js';
import { stageForEach } from './support/stage.js';
import type { Reply, User } from '../support/user.js';

@ObjectType()
class Note {
  @Field()
  by!: string;
}

@Resolver(() => Note)
class Notes {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @Query(() => Note)
  note(@Args('id', { type: () => Int, defaultValue: 1 }) id: number): Promise<Note> {
    return this.orm.read(id);
  }

  /** A field that a loader would read. */
  @ResolveField(() => String)
  async again(@Parent() _note: Note): Promise<string> {
    return (await this.orm.read(1)).by;
  }

  @Query(() => Note)
  async counted(): Promise<Note> {
    await this.orm.write(1, 'read once more');
    return this.orm.read(1);
  }

  @Query(() => Note)
  @UsePrimary()
  fresh(): Promise<Note> {
    return this.orm.read(1);
  }

  @Mutation(() => Note)
  save(): Promise<Note> {
    return this.orm.read(1);
  }
}

@UsePrimary()
@Resolver()
class Accounts {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @Query(() => Note)
  account(): Promise<Note> {
    return this.orm.read(1);
  }

  @UseReplica()
  @Query(() => Note)
  report(): Promise<Note> {
    return this.orm.read(1);
  }
}

describe.each([
  ['Apollo', 'Express', ApolloDriver],
  ['Mercurius', 'Fastify', MercuriusDriver],
] as const)('GraphQL over HTTP by %s on %s', (_driver, platform, driver) => {
  const stage = stageForEach();
  const user = (parts: Parts = {}, graphql: Partial<GqlModuleOptions> = {}): Promise<User> => {
    const module = GraphQLModule.forRoot({ driver, autoSchemaFile: true, ...graphql });
    return stage.serve(platform, {
      ...parts,
      imports: [module],
      providers: [Notes, Accounts, ...(parts.providers ?? [])],
    });
  };
  const ask = async (somebody: User, query: string, path = '/graphql'): Promise<Reply> => {
    const reply = await somebody.send('POST', path, { query });
    return { ...reply, body: (reply.body as { data: unknown }).data };
  };

  it('reads from replicas in a query, although it comes by POST', async () => {
    const ada = await user();
    expect(await ask(ada, '{ note { by again } }')).toMatchObject({
      status: 200,
      body: { note: { by: REPLICA, again: REPLICA } },
      setCookie: null,
    });
  });

  it('pins from a mutation on: its own reads, those of its fields, and the next requests', async () => {
    const ada = await user();
    const reply = await ask(ada, 'mutation { save { by again } }');
    expect(reply).toMatchObject({
      body: { save: { by: PRIMARY, again: PRIMARY } },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
    expect(await ask(ada, '{ note { by again } }')).toMatchObject({
      body: { note: { by: PRIMARY, again: PRIMARY } },
      setCookie: null,
    });
  });

  it('pins by a query that writes', async () => {
    const ada = await user();
    expect(await ask(ada, '{ counted { by } }')).toMatchObject({
      body: { counted: { by: PRIMARY } },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
    expect(await ask(ada, '{ note { by } }')).toMatchObject({ body: { note: { by: PRIMARY } } });
  });

  it('does not pin by a mutation if it is told to pin by writes only', async () => {
    const ada = await user({ sluice: { pinOn: 'write' } });
    expect(await ask(ada, 'mutation { save { by } }')).toMatchObject({
      body: { save: { by: REPLICA } },
      setCookie: null,
    });
  });

  it('takes a mutation for a method of its own', async () => {
    const ada = await user({ sluice: { readMethods: ['GET', 'MUTATION'] } });
    expect(await ask(ada, 'mutation { save { by } }')).toMatchObject({
      body: { save: { by: REPLICA } },
      setCookie: null,
    });
  });

  it('keeps the session in guards', async () => {
    const seen: string[] = [];
    @Injectable()
    class Guard implements CanActivate {
      async canActivate(): Promise<boolean> {
        seen.push((await stage.orm.read(1)).by);
        return true;
      }
    }
    const ada = await user({ providers: [{ provide: APP_GUARD, useClass: Guard }] });
    await ask(ada, 'mutation { save { by } }');
    await ask(ada, '{ note { by } }');
    expect(seen).toEqual([REPLICA, PRIMARY]);
  });

  it('finds the session also behind a context that has no request', async () => {
    const ada = await user({}, { context: () => ({ req: {}, user: 'ada' }) });
    expect(await ask(ada, 'mutation { save { by } }')).toMatchObject({
      body: { save: { by: PRIMARY } },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
  });

  it('is served at another path, if that is told', async () => {
    const ada = await user({ sluice: { graphqlPaths: ['/api/query/'] } }, { path: '/api/query' });
    expect(await ask(ada, '{ note { by } }', '/api/query?a=1')).toMatchObject({
      body: { note: { by: REPLICA } },
      setCookie: null,
    });
  });

  it('pins by the method at a path that is not told', async () => {
    const ada = await user({}, { path: '/elsewhere' });
    expect(await ask(ada, '{ note { by } }', '/elsewhere')).toMatchObject({ body: { note: { by: PRIMARY } } });
  });

  it('has @UsePrimary() on queries and on resolvers', async () => {
    const ada = await user();
    const { body } = await ask(ada, '{ fresh { by } account { by } report { by } note { by } }');
    expect(body).toMatchObject({
      fresh: { by: PRIMARY },
      account: { by: PRIMARY },
      report: { by: REPLICA },
      note: { by: REPLICA },
    });
  });
});
