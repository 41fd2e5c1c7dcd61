import type { Bench } from '../support/bench.ts';
import type { Measurement } from '../support/report.ts';
import type { BenchServer } from '../support/server.ts';
import { benchFanOut } from './fan-out.ts';
import { benchIngestUnderSubscribers } from './ingest.ts';
import { benchSocketMemory } from './memory.ts';
import { benchOwnCustomer } from './own-customer.ts';
import { benchRecovery } from './recovery.ts';
import { benchStalled } from './stalled.ts';

/** The benchmarks of subscriptions, by name. */
const liveBenches = {
  'live-fan-out': benchFanOut,
  'live-ingest': benchIngestUnderSubscribers,
  'live-own-customer': benchOwnCustomer,
  'live-memory': benchSocketMemory,
  'live-stalled': benchStalled,
  'live-recovery': benchRecovery,
} as const;

export type LiveName = keyof typeof liveBenches;

export const liveNames = Object.keys(liveBenches) as LiveName[];

/** Runs the wanted ones; `live` stands for all of them. */
export async function benchLive(bench: Bench, wanted: readonly string[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const name of liveNames) {
    if (!wanted.includes('live') && !wanted.includes(name)) continue;
    measurements.push(...(await runAlone(name, bench)));
  }
  return measurements;
}

/** A benchmark that fails leaves neither servers nor the others without figures. */
async function runAlone(name: LiveName, bench: Bench): Promise<Measurement[]> {
  const servers: BenchServer[] = [];
  const freshServer = async (settings?: NodeJS.ProcessEnv) => {
    const server = await bench.freshServer(settings);
    servers.push(server);
    return server;
  };
  try {
    return await liveBenches[name]({ ...bench, freshServer });
  } catch (error) {
    bench.log(`${name} failed: ${String(error)}`);
    process.exitCode = 1;
    return [];
  } finally {
    for (const { stop } of servers) await stop();
  }
}
