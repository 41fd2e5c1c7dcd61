import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findUnlistedFiles, findViolations } from '../../support/architecture/check-layers.ts';
import { describeLayers } from '../../support/architecture/describe-layers.ts';
import { findCycles, toImportGraph } from '../../support/architecture/find-cycles.ts';
import { parseImports, readImports } from '../../support/architecture/read-imports.ts';

const root = join(import.meta.dirname, '../../..');
const listFiles = (pattern: string) => globSync(pattern, { cwd: root });

const product = listFiles('{src,schema}/**/*.ts');
const benches = listFiles('bench/**/*.ts');

const breachesOf = (file: string, text: string) => findViolations(parseImports(file, text));

describe('the architecture', () => {
  const imports = readImports(root, product);
  const own = [...imports, ...readImports(root, benches)].filter(({ to }) =>
    /^(src|schema|bench)\//.test(to),
  );

  it('assigns every file to a layer', () => {
    expect(findUnlistedFiles(product)).toEqual([]);
  });

  it('has no import that points up or to a later part', () => {
    expect(findViolations(imports)).toEqual([]);
  });

  it('has no import cycle between files', () => {
    expect(findCycles(toImportGraph(own, (file) => file))).toEqual([]);
  });

  it('has no import cycle between folders', () => {
    expect(findCycles(toImportGraph(own, dirname))).toEqual([]);
  });

  it('is described in the README exactly as declared', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, described] = /<!-- layers -->\n(.*?)\n<!-- \/layers -->/s.exec(readme) ?? [];

    expect(described).toBe(describeLayers());
  });
});

describe('an import is refused', () => {
  it.each([
    [
      'of a domain by the engine',
      'src/engine/evaluation/a.ts',
      "import { a } from '../../domains/churn/a.ts';",
    ],
    [
      'of a type of a domain by the engine',
      'src/engine/evaluation/a.ts',
      "import type { A } from '../../domains/churn/a.ts';",
    ],
    [
      'of an inline type',
      'src/engine/changes/a.ts',
      "type A = import('../../domains/tasks/a.ts').A;",
    ],
    [
      'that is dynamic',
      'src/engine/changes/a.ts',
      "const a = () => import('../../domains/tasks/a.ts');",
    ],
    ['that is re-exported', 'src/engine/changes/a.ts', "export * from '../../domains/tasks/a.ts';"],
    [
      'that augments a module above',
      'src/engine/changes/a.ts',
      "declare module '../../domains/churn/a.ts' { interface A {} }",
    ],
    [
      'of a later domain by an earlier one',
      'src/domains/lifecycles/a.ts',
      "import '../churn/a.ts';",
    ],
    ['of a later part of the engine', 'src/engine/conditions/a.ts', "import '../evaluation/a.ts';"],
    ['of a later folder of the schema', 'schema/customers/a.ts', "import '../churn/a.ts';"],
    [
      'of the server by the schema',
      'schema/kernel/a.ts',
      "import '../../src/entrypoints/server/a.ts';",
    ],
    [
      'of the list of domains by the server',
      'src/entrypoints/server/a.ts',
      "import '../../domains.ts';",
    ],
    ['of the platform by statistics', 'src/statistics/a.ts', "import '../platform/errors.ts';"],
    ['of access by the platform', 'src/platform/a.ts', "import '../access/keys.ts';"],
    ['of graphql by a domain', 'src/domains/churn/a.ts', "import { GraphQLError } from 'graphql';"],
    [
      'of prom-client by the engine',
      'src/engine/ingestion/a.ts',
      "import { Counter } from 'prom-client';",
    ],
    ['of pg by a domain', 'src/domains/churn/a.ts', "import pg from 'pg';"],
    [
      'of a bare Prisma client',
      'src/domains/churn/a.ts',
      "import { PrismaClient } from '../../../prisma/generated/client.ts';",
    ],
  ])('%s', (_what, file, text) => {
    expect(breachesOf(file, text)).toHaveLength(1);
  });

  it.each([
    ['of the engine by a domain', 'src/domains/churn/a.ts', "import '../../engine/changes/a.ts';"],
    ['of an earlier domain', 'src/domains/churn/a.ts', "import '../segments/a.ts';"],
    [
      'of composed SQL',
      'src/domains/churn/a.ts',
      "import { Prisma } from '../../../prisma/generated/client.ts';",
    ],
  ])('unless it is one %s', (_what, file, text) => {
    expect(breachesOf(file, text)).toEqual([]);
  });
});

describe('import cycles', () => {
  const graphOf = (...imports: Array<[from: string, to: string]>) =>
    toImportGraph(
      imports.map(([from, to]) => ({ from, to })),
      (file) => file,
    );

  it('are found between two files', () => {
    expect(findCycles(graphOf(['a', 'b'], ['b', 'a'], ['b', 'c']))).toEqual([['a', 'b']]);
  });

  it('are found between many files', () => {
    expect(findCycles(graphOf(['a', 'b'], ['b', 'c'], ['c', 'd'], ['d', 'a']))).toEqual([
      ['a', 'b', 'c', 'd'],
    ]);
  });

  it('are not found if all imports point one way', () => {
    expect(findCycles(graphOf(['a', 'b'], ['a', 'c'], ['b', 'c']))).toEqual([]);
  });
});
