import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { domains } from '../src/domains.ts';
import { installExtensions } from '../src/engine/extensions.ts';
import { createLifetime } from '../src/platform/lifetime.ts';
import { importRepeatedly, measureImport, measureMemory } from './after-import.ts';
import { benchChurnModels } from './churn-models.ts';
import { benchDue } from './due.ts';
import { benchFairness } from './fairness.ts';
import { benchGrowth } from './growth.ts';
import { benchIngest } from './ingest.ts';
import { benchLatency } from './latency.ts';
import { benchLive, liveNames } from './live/live-benches.ts';
import { makeCustomers } from './many-customers.ts';
import { benchPage } from './page.ts';
import { benchPopulations } from './populations.ts';
import { benchPreview } from './preview.ts';
import { benchRules } from './rules-ingest.ts';
import type { Bench } from './support/bench.ts';
import { formatFigures, type Measurement } from './support/report.ts';
import { projectFolder, startBenchServer } from './support/server.ts';

const names = [
  'ingest',
  'import',
  'memory',
  'page',
  'latency',
  'live',
  ...liveNames,
  'rules',
  'populations',
  'due',
  'growth',
  'preview',
  'churn',
  'fairness',
] as const;
type Name = (typeof names)[number];

const usage = `npm run bench -- [${names.join('|')}]... [--runs N] [--sockets N] [--seconds N] [--rate N]
    [--write] [--cpu-profile FOLDER]
  live           stands for all benchmarks that begin with live-
  --sockets      replaces the number of sockets of the benchmarks that begin with live-
  --seconds      replaces their measured seconds
  --rate         replaces the deliveries per second of live-stalled
  --write        also writes bench/results.json
  --cpu-profile  writes CPU profiles of the servers to a folder; profiling lowers the figures
`;

installExtensions(domains.map(({ extension }) => extension));

const lifetime = createLifetime();
process.once('SIGINT', () => void lifetime.end().finally(() => process.exit(130)));
process.once('SIGTERM', () => void lifetime.end().finally(() => process.exit(143)));

async function main() {
  const options = readOptions();
  if (!options) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const { wanted, runs, live, write, cpuProfile } = options;
  const began = performance.now();
  const bench: Bench = {
    runs,
    live,
    log: (message) => console.log(message),
    freshServer: async (settings) => {
      const server = await startBenchServer({ cpuProfile, settings });
      lifetime.onEnd(server.stop);
      return server;
    },
  };
  const environment = describeEnvironment();
  console.log(environment.join('\n'));
  const measurements = await measure(bench, wanted);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(
    `\n${formatFigures(measurements)}\nRuns per benchmark: ${runs}. Total time: ${minutes} minutes.`,
  );
  if (!write) return;
  const results = { at: new Date().toISOString(), environment, runs, measurements };
  const path = join(projectFolder, 'bench', 'results.json');
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
}

function readOptions() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '3' },
      sockets: { type: 'string' },
      seconds: { type: 'string' },
      rate: { type: 'string' },
      write: { type: 'boolean', default: false },
      'cpu-profile': { type: 'string' },
    },
  });
  const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name));
  const isKnown = positionals.every((name) => names.includes(name as Name));
  const { runs, sockets, seconds, rate, write, 'cpu-profile': cpuProfile } = values;
  const texts = [runs, sockets, seconds, rate];
  const isCount = (text: string | undefined) => text === undefined || /^[1-9]\d*$/.test(text);
  if (!isKnown || !texts.every(isCount)) return undefined;
  const live = {
    sockets: toNumber(sockets),
    seconds: toNumber(seconds),
    rate: toNumber(rate),
  };
  return { wanted, runs: Number(runs), live, write, cpuProfile };
}

const toNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));

function describeEnvironment(): string[] {
  const database = process.env['DATABASE_URL'] ? 'DATABASE_URL' : 'the embedded PostgreSQL';
  const load = loadavg()[0] ?? 0;
  return [
    `Node ${process.version}, ${database}, ${availableParallelism()} cores (${cpus()[0]?.model}).`,
    'The server runs in its own process. The load comes from other processes on the same cores.',
    ...(load > 0.5
      ? [`The machine is busy (load ${load.toFixed(1)}), so the figures will be low.`]
      : []),
  ];
}

async function measure(bench: Bench, wanted: readonly Name[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  if (wanted.includes('ingest')) measurements.push(...(await benchIngest(bench)));
  if (wanted.some((name) => name === 'import' || name === 'memory' || name === 'page')) {
    measurements.push(...(await measureImports(bench, wanted)));
  }
  if (wanted.includes('latency')) measurements.push(...(await benchLatency(bench)));
  measurements.push(...(await benchLive(bench, wanted)));
  if (wanted.includes('rules')) measurements.push(...(await benchRules(bench)));
  if (wanted.includes('populations')) measurements.push(...(await benchPopulations(bench)));
  if (wanted.includes('due')) measurements.push(...(await benchDue(bench)));
  if (wanted.includes('churn')) measurements.push(...(await benchChurnModels(bench)));
  if (wanted.includes('fairness')) measurements.push(...(await benchFairness(bench)));
  if (wanted.includes('growth') || wanted.includes('preview')) {
    measurements.push(...(await measureMany(bench, wanted)));
  }
  return measurements;
}

const manyCustomers = 1_000_000;

/** Measures on a million customers, which are created once. */
async function measureMany(bench: Bench, wanted: readonly Name[]): Promise<Measurement[]> {
  const server = await bench.freshServer();
  try {
    const workspace = await makeCustomers(server, manyCustomers);
    const many = { ...workspace, customers: manyCustomers };
    const measurements: Measurement[] = [];
    if (wanted.includes('preview')) measurements.push(...(await benchPreview(bench, server, many)));
    if (wanted.includes('growth')) measurements.push(...(await benchGrowth(bench, server, many)));
    return measurements;
  } finally {
    await server.stop();
  }
}

/** Measures imports, and pages on the server of the last import. */
async function measureImports(bench: Bench, wanted: readonly Name[]): Promise<Measurement[]> {
  const isPageOnly = wanted.includes('page') && wanted.length === 1;
  const imports = await importRepeatedly({ ...bench, runs: isPageOnly ? 1 : bench.runs });
  const last = imports.at(-1);
  const measurements: Measurement[] = [];
  if (wanted.includes('import')) measurements.push(...measureImport(imports));
  if (wanted.includes('memory')) measurements.push(...measureMemory(imports));
  if (last && wanted.includes('page')) measurements.push(...(await benchPage(bench, last.server)));
  await last?.server.stop();
  return measurements;
}

await main().finally(lifetime.end);
