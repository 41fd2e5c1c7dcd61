/**
 * The layers and what each may import. The architecture test, and the sentence and the diagram in the README, are derived
 * from this table. A file belongs to the layer with the longest path that it starts with.
 */
export interface Layer {
  name: string;
  does: string;
  /** Files or folders. A later part may import earlier ones. */
  parts: readonly string[];
  /** Whether the layer may import only itself, not even layers below. */
  standsAlone?: true;
}

/** From top to bottom: a layer may import itself and the layers below. */
export const layers: readonly Layer[] = [
  { name: 'start', does: 'starts and stops everything', parts: ['src/domains.ts', 'src/main.ts'] },
  {
    name: 'entrypoints',
    does: 'how the world gets in and out',
    parts: [
      'src/entrypoints/imports',
      'src/entrypoints/demo',
      'src/entrypoints/server',
      'src/entrypoints/command-line',
    ],
  },
  {
    name: 'schema',
    does: 'the GraphQL API: translates',
    parts: [
      'schema/kernel',
      'schema/access',
      'schema/members',
      'schema/customers',
      'schema/filter',
      'schema/changes',
      'schema/records',
      'schema/lifecycles',
      'schema/segments',
      'schema/tasks',
      'schema/churn',
      'schema/index.ts',
    ],
  },
  {
    name: 'domains',
    does: 'what a customer lifecycle is made of',
    parts: [
      'src/domains/records',
      'src/domains/lifecycles',
      'src/domains/segments',
      'src/domains/tasks',
      'src/domains/churn',
    ],
  },
  {
    name: 'engine',
    does: 'from events to decisions; knows no domain',
    parts: [
      'src/engine/extensions.ts',
      'src/engine/changes',
      'src/engine/customers',
      'src/engine/records',
      'src/engine/conditions',
      'src/engine/evaluation',
      'src/engine/builds',
      'src/engine/ingestion',
    ],
  },
  { name: 'statistics', does: 'pure models', parts: ['src/statistics'], standsAlone: true },
  {
    name: 'access and members',
    does: 'workspaces, keys, limits, teams',
    parts: ['src/access', 'src/members'],
  },
  {
    name: 'platform',
    does: 'database, jobs, time, config, log',
    parts: [
      'src/platform/time',
      'src/platform',
      'src/platform/embedded-postgres',
      'src/platform/storage',
    ],
  },
];

/** Packages that only some folders may import; `name` matches the package or a path in it. */
export const packages: ReadonlyArray<{ name: RegExp; only: readonly string[]; because: string }> = [
  {
    name: /^(graphql|graphql-yoga|graphql-ws|@pothos\/.*)$/,
    only: ['schema', 'src/entrypoints/server'],
    because: 'Below the schema nothing knows GraphQL.',
  },
  {
    name: /^prom-client$/,
    only: ['src/entrypoints/server'],
    because: 'Parts count for themselves. Only the server knows the format of its metrics.',
  },
  {
    name: /^(pg|@prisma\/adapter-pg)$/,
    only: ['src/platform'],
    because:
      "The database is reached through src/platform/database.ts, inside a workspace's transaction.",
  },
];

/** The only files that may open the generated client; others may use its types only. */
export const openPrismaClient = ['src/platform/database.ts', 'schema/kernel/builder.ts'];
