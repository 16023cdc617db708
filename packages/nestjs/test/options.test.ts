import { describe, expect, it } from '@jest/globals';
import { type HttpRequest, pathOf, settingsOf } from '../src/options.js';

const request = (url: string, originalUrl?: string): HttpRequest => ({ url, originalUrl }) as HttpRequest;

describe('the paths at which GraphQL is served', () => {
  it('is /graphql, unless others are told', () => {
    expect([...settingsOf({}).graphqlPaths]).toEqual(['/graphql']);
    expect([...settingsOf({ graphqlPaths: ['/a/', '/b//', '/'] }).graphqlPaths]).toEqual(['/a', '/b', '/']);
    expect([...settingsOf({ graphqlPaths: [] }).graphqlPaths]).toEqual([]);
  });

  it.each([
    [request('/graphql'), '/graphql'],
    [request('/graphql/'), '/graphql'],
    [request('/graphql?query={a}'), '/graphql'],
    [request('/', '/graphql/?a'), '/graphql'],
    [request('/graphql/more'), '/graphql/more'],
    [request('/?/graphql'), '/'],
    [{} as HttpRequest, '/'],
  ])('are compared with the path of %j', (given, path) => {
    expect(pathOf(given)).toBe(path);
  });

  it.each(['/graphql', ['graphql'], [1], {}])('are refused as %j', (graphqlPaths) => {
    expect(() => settingsOf({ graphqlPaths: graphqlPaths as string[] })).toThrow(
      expect.objectContaining({ code: 'SLUICE_CONFIG' }),
    );
  });
});

describe('the options of pins', () => {
  it('are handed on', () => {
    expect(settingsOf({ pinSeconds: 5, graphqlPaths: ['/a'], messagePins: () => 'x' }).pins).toEqual({ pinSeconds: 5 });
  });
});
