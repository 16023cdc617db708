import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { filesOf, manifestOf, packagesOf, textOf } from './repository.js';

/** The lines of sources that pass on all names of a file, as "path:line"; public names are listed one by one. */
export function starExports(root: string): readonly string[] {
  return filesOf(root)
    .filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))
    .flatMap((path) =>
      linesOf(parsed(root, path), (node) => ts.isExportDeclaration(node) && !hasNames(node)).map(
        (line) => `${path}:${line}`,
      ),
    );
}

/** Where the declarations that users of the published packages get say `any`, as "path:line". */
export function publicAny(root: string): readonly string[] {
  return packagesOf(root)
    .filter((folder) => manifestOf(root, folder).private !== true)
    .flatMap((folder) => declarationsOf(root, folder))
    .flatMap((path) => {
      if (!existsSync(join(root, path))) return [`${path} is missing; run npm run build`];
      return linesOf(parsed(root, path), ({ kind }) => kind === ts.SyntaxKind.AnyKeyword).map(
        (line) => `${path}:${line}`,
      );
    });
}

/** The declarations that can be reached from a package's `exports`; `dist` may hold older ones. */
function declarationsOf(root: string, folder: string): readonly string[] {
  const { exports = {} } = manifestOf(root, folder);
  const reached = new Set(
    Object.values(exports).flatMap((entry) => (typeof entry === 'object' ? [join(folder, entry.types)] : [])),
  );
  // a set that grows while it is walked
  for (const path of reached) {
    if (!existsSync(join(root, path))) continue;
    for (const { fileName } of ts.preProcessFile(textOf(root, path)).importedFiles) {
      if (fileName.startsWith('.')) reached.add(join(dirname(path), fileName.replace(/\.js$/, '.d.ts')));
    }
  }
  return [...reached];
}

const parsed = (root: string, path: string): ts.SourceFile =>
  ts.createSourceFile(path, textOf(root, path), ts.ScriptTarget.Latest);

const hasNames = ({ exportClause }: ts.ExportDeclaration): boolean =>
  exportClause !== undefined && ts.isNamedExports(exportClause);

function linesOf(file: ts.SourceFile, isMeant: (node: ts.Node) => boolean): readonly number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (isMeant(node)) lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}
