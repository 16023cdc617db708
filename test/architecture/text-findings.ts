import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesOf, manifestOf, packagesOf, textOf } from './repository.js';

/** Where things are downloaded from is the business of each machine's npm and apt, and where this lies is nobody's. */
const UNWANTED: readonly RegExp[] = [
  /\bregistry[.](?:npmjs|yarnpkg|npmmirror)\b/,
  /\b(?:deb|security|snapshot|archive)[.]debian[.]org\b/,
  /\b(?:apt|yum|ftp)[.]postgresql[.]org\b/,
  /\b(?:cdn|downloads|repo|dev)[.]mysql[.]com\b/,
  /\b(?:archive|dlm|downloads|deb|mirror)[.]mariadb[.](?:org|com)\b/,
  /\b(?:repo1[.]maven|nodejs)[.]org\/(?:dist|maven2)\b/,
  /\b(?:unpkg[.]com|cdn[.]jsdelivr[.]net|objects[.]githubusercontent[.]com)\b/,
  /\/releases\/download\//,
  /\bhttps?:\/\/[^\s"'`)]+[.](?:tgz|zip|deb|rpm|jar|whl|tar(?:[.](?:gz|xz|bz2|zst))?)\b/,
  /\bregistry["']?\s*[:=]\s*["']?https?:\/\//,
  /(?:^|\W)\/(?:work|farm|root|home\/\w+|Users\/\w+)\//,
  /[.]library\b/,
];

/** Lines that name a registry, a download address or a folder of one machine, as "path:line: what". */
export function addressFindings(root: string): readonly string[] {
  return filesOf(root)
    .filter((path) => path !== 'package-lock.json')
    .flatMap((path) => {
      const lines = textOf(root, path).split('\n');
      return lines.flatMap((text, index) =>
        UNWANTED.flatMap((pattern) => {
          const found = pattern.exec(text)?.[0];
          return found === undefined ? [] : [`${path}:${index + 1}: ${found.trim()}`];
        }),
      );
    });
}

/** The packages whose download address the lock file holds; workspaces have paths and may. */
export function lockFindings(root: string): readonly string[] {
  const lock = JSON.parse(textOf(root, 'package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
  };
  return Object.entries(lock.packages)
    .filter(([, { resolved }]) => resolved !== undefined && /^[\w+]+:/.test(resolved))
    .map(([path]) => path);
}

/** Commands and links of the documentation that lead nowhere, as "path:line: what". */
export function documentationFindings(root: string): readonly string[] {
  const scripts = new Set(
    ['.', ...packagesOf(root)].flatMap((folder) => Object.keys(manifestOf(root, folder).scripts ?? {})),
  );
  return filesOf(root)
    .filter((path) => (path.endsWith('.md') && !path.endsWith('CHANGELOG.md')) || path === '.ci/run')
    .flatMap((path) =>
      textOf(root, path)
        .split('\n')
        .flatMap((text, index) =>
          [
            ...missingScripts(text, scripts),
            ...missingFiles(text, /\b(?:node|bash) ((?:[.]ci|scripts|examples|bench|packages)\/[\w./-]+)/g, root),
            ...(path.endsWith('.md')
              ? missingFiles(text, /\]\((?![a-z]+:|#)([^)#\s]+)/g, join(root, dirname(path)))
              : []),
          ].map((what) => `${path}:${index + 1}: ${what}`),
        ),
    );
}

function missingScripts(text: string, scripts: ReadonlySet<string>): readonly string[] {
  const named = [...text.matchAll(/\bnpm (?:run (?:-\w+ )*([\w:-]+)|(test|start)\b)/g)];
  return named
    .map(([, run, short]) => run ?? short ?? '')
    .filter((name) => !scripts.has(name))
    .map((name) => `there is no script ${name}`);
}

function missingFiles(text: string, pattern: RegExp, folder: string): readonly string[] {
  return [...text.matchAll(pattern)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('/dist/') && !existsSync(join(folder, path)))
    .map((path) => `there is no ${path}`);
}
