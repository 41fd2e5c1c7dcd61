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
    // Files share the modules of their worker. One that installs other domains resets them before and after itself.
    isolate: false,
    maxWorkers: 2,
    ...options,
  },
});

const onDatabase = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 60_000,
};

const withProcesses = { testTimeout: 600_000, hookTimeout: 120_000 };
// They bound the time of a start or stop, or expect a log without warnings: nothing may run beside them.
const timed = ['drain', 'early-leavers', 'two-servers'].map((name) => `test/chaos/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      // One after the other, so that a worker goes on with files of its project.
      project('unit', { testTimeout: 60_000, sequence: { groupOrder: 0 } }),
      project('api', { ...onDatabase, sequence: { groupOrder: 1 } }),
      project('chaos', { ...withProcesses, exclude: timed, sequence: { groupOrder: 2 } }),
      project('chaos-timed', {
        ...withProcesses,
        include: timed,
        maxWorkers: 1,
        sequence: { groupOrder: 3 },
      }),
    ],
    reporters: ['default', './test/support/totals-reporter.ts'],
  },
});
