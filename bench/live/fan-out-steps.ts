import { percentile } from '../support/spread.ts';
import type { FanOutTarget } from './fan-out-target.ts';
import { latencyPercentile } from './latencies.ts';
import { untilLastFrame } from './send-events.ts';

export const maxP99 = 75;
/** A step has kept its rate if it took at most this much longer. */
const maxStretch = 1.1;
/** Other work on the machine may spoil an attempt, or a rate. */
const maxAttempts = 2;
const maxFailedRates = 2;

/** Offered deliveries per second. */
const rates = [
  2_500, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000, 60_000, 80_000, 100_000, 125_000, 150_000,
  200_000, 250_000, 300_000, 400_000,
];

export interface Step {
  deliveriesPerSecond: number;
  /** Milliseconds from the recording of a change to its frames. */
  p50: number;
  p99: number;
  /** Milliseconds from the acknowledgement to the last subscriber's frame; NaN where nothing is acknowledged. */
  lastFrameP99: number;
  /** Of the server, per delivery. */
  cpuMicroseconds: number;
  failedFrames: number;
  /** Of a core, by the processes of the load: at 1 or more, the clients are the limit. */
  clientShare: number;
  /** All was delivered without errors in the time in which it was offered. */
  hasKept: boolean;
}

export interface StepOptions {
  sockets: number;
  seconds: number;
  log(message: string): void;
}

export interface HighestRates {
  /** The last step that kept its rate, whatever the latency. */
  kept: Step | undefined;
  /** The last one whose p99 was within the limit, too. */
  inTime: Step | undefined;
}

/** Offers higher and higher rates until two in succession are not kept. */
export async function findHighestRates(
  target: FanOutTarget,
  options: StepOptions,
): Promise<HighestRates> {
  const offer = createOffer(target, options);
  await offer(rates[0] ?? 0);
  const highest: HighestRates = { kept: undefined, inTime: undefined };
  let failedRates = 0;
  for (const rate of rates) {
    const step = await offerRepeatedly(rate, offer, options.log);
    failedRates = step.hasKept ? 0 : failedRates + 1;
    if (step.hasKept) highest.kept = step;
    if (isInTime(step)) highest.inTime = step;
    if (failedRates === maxFailedRates) break;
  }
  // A subscription that was delivered errors cannot have received all changes.
  if ((await target.load.status()).failedFrames === 0) await target.assertExact();
  return highest;
}

type Offer = (rate: number) => Promise<Step>;

/** Runs steps one after another, each with the number of frames that the one before ended with. */
function createOffer(target: FanOutTarget, { sockets, seconds }: StepOptions): Offer {
  let frames = target.firstFrame;
  return async (rate) => {
    const measured = await runStep(target, { rate, frames, sockets, seconds });
    frames = measured.frames;
    return measured.step;
  };
}

async function offerRepeatedly(rate: number, offer: Offer, log: StepOptions['log']) {
  let step = await offer(rate);
  log(describe(rate, step));
  for (let attempt = 1; attempt < maxAttempts && !isInTime(step); attempt += 1) {
    const next = await offer(rate);
    log(describe(rate, next));
    if (isInTime(next) || !step.hasKept) step = next;
  }
  return step;
}

const isInTime = ({ hasKept, p99 }: Step) => hasKept && p99 <= maxP99;

interface StepRequest {
  rate: number;
  sockets: number;
  seconds: number;
  /** The frames that every subscription has before. */
  frames: number;
}

async function runStep(target: FanOutTarget, { rate, sockets, seconds, frames }: StepRequest) {
  const perSecond = rate / sockets;
  const cpuBefore = await target.cpuSeconds();
  const before = await target.load.status();
  const began = performance.now();
  const published = await target.publish({ perSecond, seconds });
  const next = frames + published.sent;
  const after = await target.load.waitUntil(({ minFrames }) => minFrames >= next, 120);
  const passed = (performance.now() - began) / 1_000;
  const cpu = (await target.cpuSeconds()) - cpuBefore;
  const { latencies, lastArrivals, ...figures } = await target.load.takeFigures(next);
  const p99 = latencyPercentile(latencies, 0.99);
  const failedFrames = after.failedFrames - before.failedFrames;
  const isComplete = published.sent === Math.round(perSecond * seconds);
  const step: Step = {
    deliveriesPerSecond: figures.frames / passed,
    p50: latencyPercentile(latencies, 0.5),
    p99,
    lastFrameP99: percentile(untilLastFrame(published.acknowledgements, lastArrivals), 0.99),
    cpuMicroseconds: (cpu * 1e6) / figures.frames,
    hasKept: isComplete && failedFrames === 0 && passed < limitOf(seconds),
    failedFrames,
    clientShare: (after.cpuSeconds - before.cpuSeconds) / passed,
  };
  return { step, frames: next };
}

/** The polls of the frames take a moment, which counts in short steps. */
const limitOf = (seconds: number) => seconds * maxStretch + 0.2;

function describe(rate: number, step: Step): string {
  const { deliveriesPerSecond, p50, p99, cpuMicroseconds, failedFrames, clientShare } = step;
  const parts = [
    `${rate} deliveries/s offered: ${Math.round(deliveriesPerSecond)}/s`,
    `p50 ${p50} ms, p99 ${p99} ms`,
    `${cpuMicroseconds.toFixed(1)} µs of the server each`,
    `clients ${Math.round(100 * clientShare)} % of a core`,
    ...(failedFrames > 0 ? [`${failedFrames} with errors`] : []),
    ...(step.hasKept ? [] : ['rate not kept']),
  ];
  return `  ${parts.join(', ')}`;
}
