import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** An import of a file, type imports included: a path relative to the project, or a package. */
export interface Import {
  from: string;
  to: string;
  /** The imported names; empty for `export *`, `import()` and module augmentations. */
  names: readonly string[];
}

/** Parses the imports of a source text: static, dynamic, re-exports, `import('…')` types and augmentations. */
export function parseImports(file: string, text: string): Import[] {
  const imports: Import[] = [];
  const add = (source: { value?: unknown } | null | undefined, names: readonly string[] = []) => {
    if (typeof source?.value !== 'string') return;
    const isOwn = source.value.startsWith('.');
    const to = isOwn ? normalize(join(dirname(file), source.value)) : source.value;
    imports.push({ from: file, to, names });
  };
  const visitor = new Visitor({
    ImportDeclaration: ({ source, specifiers }) => add(source, specifiers.map(importedName)),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source as { value?: unknown }),
    TSImportType: ({ source }) => add(source),
    TSModuleDeclaration: ({ id }) => add(id as { value?: unknown }),
  });
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  visitor.visit(program);
  return imports;
}

function importedName(specifier: { type: string; imported?: unknown }): string {
  const { name = specifier.type } = (specifier.imported ?? {}) as { name?: string };
  return name;
}

export const readImports = (root: string, files: readonly string[]): Import[] =>
  files.flatMap((file) => parseImports(file, readFileSync(join(root, file), 'utf8')));
