import { defineConfig } from 'vitest/config';

// graphql checks types by identity: whoever imports it, by whatever path, must get the same copy.
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];
const server = {
  deps: { inline: [/@pothos/, /graphql-yoga/, /graphql-ws/, /@envelop/, /@graphql-tools/] },
};

const project = (name: string, options: object = {}) => ({
  resolve: { alias },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/install-domains.ts', 'test/support/property-settings.ts'],
    server,
    ...options,
  },
});

const onDatabase = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      project('unit', { testTimeout: 60_000 }),
      project('api', { ...onDatabase, maxWorkers: 2 }),
      project('chaos', { testTimeout: 600_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
    reporters: ['default', './test/support/totals-reporter.ts'],
  },
});
