// Who may import whom: between the packages, and inside core. `test/architecture` runs it on this tree and on planted ones.

/** Core from its doors down to its ground; a file that is not named here stands between `joint` and `ground`. */
const layers = {
  doors: ['index', 'testing/.+'],
  joint: ['cluster'],
  ground: ['clock', 'context', 'databases', 'engine', 'errors', 'events', 'load', 'options', 'route'],
};
const core = (...names) => `^packages/core/src/(${names.join('|')})[.]ts$`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-imports-node-only',
      severity: 'error',
      from: { path: '^packages/core/src' },
      to: { pathNot: '^packages/core/src', dependencyTypesNot: ['core'] },
    },
    {
      name: 'packages-import-core-only',
      comment: 'an adapter never knows another adapter',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src', pathNot: '^packages/nestjs/' },
      to: { path: ['^packages/', '^@sluice/'], pathNot: ['^packages/($1|core)/', '^@sluice/core$'] },
    },
    {
      name: 'nestjs-imports-core-and-http-only',
      severity: 'error',
      from: { path: '^packages/nestjs/src' },
      to: { path: ['^packages/', '^@sluice/'], pathNot: '^packages/(nestjs|core|http)/' },
    },
    {
      name: 'packages-import-by-public-name',
      comment: 'another package is its `exports`, never a file of it',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'imports-are-declared',
      comment: 'in dependencies or peerDependencies of the package itself',
      severity: 'error',
      from: { path: '^packages/[^/]+/src' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'imports-are-found',
      comment: 'packages are looked up as they are built: npm run build',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'imports of types count, too',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-nothing-above-the-joint-but-the-doors',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: core(...layers.doors) },
      to: { path: core(...layers.doors, ...layers.joint) },
    },
    {
      name: 'core-ground-stands-on-ground',
      comment: 'a type may be named by what carries it',
      severity: 'error',
      from: { path: core(...layers.ground) },
      to: {
        path: '^packages/core/src',
        pathNot: core(...layers.ground),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'core-selection-knows-no-router',
      severity: 'error',
      from: { path: '^packages/core/src/selection/' },
      to: { path: '^packages/core/src', pathNot: ['^packages/core/src/selection/', core(...layers.ground)] },
    },
    {
      name: 'core-statement-knows-sql-only',
      comment: 'the classifier needs no database and no session',
      severity: 'error',
      from: { path: '^packages/core/src/statement(/|[.]ts)' },
      to: { path: '^packages/core/src', pathNot: '^packages/core/src/(statement(/|[.]ts)|engine[.]ts)' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^packages/[^/]+/test/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
