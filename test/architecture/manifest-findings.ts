import { type Manifest, manifestOf, packagesOf } from './repository.js';

/** The package.json of the packages that break a rule, as "folder: what is wrong". */
export function manifestFindings(root: string): readonly string[] {
  const manifests = packagesOf(root).map((folder) => [folder, manifestOf(root, folder)] as const);
  const versions = new Map(manifests.map(([, { name, version }]) => [name, version]));
  return manifests.flatMap(([folder, manifest]) =>
    [...ofCore(manifest), ...arrows(manifest), ...ranges(manifest, versions)].map((problem) => `${folder}: ${problem}`),
  );
}

/** Everything that is installed with a package. */
const needed = ({ dependencies, optionalDependencies, peerDependencies }: Manifest): [string, string][] =>
  [dependencies, optionalDependencies, peerDependencies].flatMap((some) => Object.entries(some ?? {}));

function ofCore(manifest: Manifest): readonly string[] {
  if (manifest.name !== '@sluice/core') return [];
  return needed(manifest).map(([name]) => `core depends on nothing, but names ${name}`);
}

function arrows(manifest: Manifest): readonly string[] {
  const allowed = new Set(['@sluice/core', ...(manifest.name === '@sluice/nestjs' ? ['@sluice/http'] : [])]);
  return needed(manifest)
    .map(([name]) => name)
    .filter((name) => name.startsWith('@sluice/') && !allowed.has(name))
    .map((name) => `${manifest.name} may not depend on ${name}`);
}

/** npm looks for what a range leaves out in a registry, where it does not exist. Lerna does not raise peer ranges. */
function ranges(manifest: Manifest, versions: ReadonlyMap<string, string>): readonly string[] {
  return needed(manifest).flatMap(([name, range]) => {
    const version = versions.get(name);
    const [minor] = version?.match(/^\d+\.\d+\./) ?? [];
    return minor === undefined || range.startsWith(`^${minor}`)
      ? []
      : [`${name} is ${version} here, but the range is ${range}`];
  });
}
