import type { Bench } from '../support/bench.ts';
import type { Measurement } from '../support/report.ts';
import { findHighestRate, maxP99, type Step } from './fan-out-steps.ts';
import { type FanOutTarget, openBaseline, openStageline } from './fan-out-target.ts';
import { socketsFor } from './socket-limit.ts';

const usualSockets = 2_000;
const usualSeconds = 10;

const names = ['stageline', 'stock graphql-ws', 'ws broadcast'] as const;
type Name = (typeof names)[number];

/** Finds the highest rate of changes to identical subscriptions, beside servers without a change log. */
export async function benchFanOut(bench: Bench): Promise<Measurement[]> {
  const sockets = socketsFor(bench.live, usualSockets);
  const seconds = bench.live.seconds ?? usualSeconds;
  const openers: Record<Name, () => Promise<FanOutTarget>> = {
    stageline: () => openStageline(bench, sockets),
    'stock graphql-ws': () => openBaseline('stock', sockets),
    'ws broadcast': () => openBaseline('raw', sockets),
  };
  const steps: Record<Name, Array<Step | undefined>> = {
    stageline: [],
    'stock graphql-ws': [],
    'ws broadcast': [],
  };
  for (let run = 0; run < bench.runs; run += 1) {
    for (const name of names) {
      bench.log(`live fan-out: ${name}, ${sockets} subscriptions`);
      const target = await openers[name]();
      const search = findHighestRate(target, { sockets, seconds, log: bench.log });
      steps[name].push(await search.finally(target.end));
    }
  }
  return [...names.flatMap((name) => toMeasurements(name, steps[name])), ...compare(steps)];
}

function toMeasurements(name: Name, steps: ReadonlyArray<Step | undefined>): Measurement[] {
  const line = (
    measure: string,
    unit: string,
    toValue: (step: Step) => number,
    otherwise = Number.NaN,
  ): Measurement => ({
    benchmark: `live fan-out, ${name}`,
    measure,
    unit,
    values: steps.map((step) => (step ? toValue(step) : otherwise)),
  });
  const lines = [
    line(
      `highest rate with p99 ≤ ${maxP99} ms`,
      'deliveries/s',
      (step) => step.deliveriesPerSecond,
      0,
    ),
    line('recorded → frame, p50 there', 'ms', ({ p50 }) => p50),
    line('recorded → frame, p99 there', 'ms', ({ p99 }) => p99),
    line('accepted → last frame, p99 there', 'ms', ({ lastFrameP99 }) => lastFrameP99),
    line('CPU of the server per delivery', 'µs', ({ cpuMicroseconds }) => cpuMicroseconds),
  ];
  return lines.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

/** The rates of Stageline divided by those of the others. */
const compare = (steps: Record<Name, Array<Step | undefined>>): Measurement[] =>
  (['stock graphql-ws', 'ws broadcast'] as const).map((name) => ({
    benchmark: 'live fan-out, stageline',
    measure: `highest rate / ${name}`,
    unit: '',
    values: steps.stageline.map(
      (step, run) =>
        (step?.deliveriesPerSecond ?? 0) / (steps[name][run]?.deliveriesPerSecond ?? Number.NaN),
    ),
  }));
