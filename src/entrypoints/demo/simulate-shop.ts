import { drawExponential, type Random } from './random-variates.ts';
import { expectedCalls, simulateVisitor, type VisitStep } from './simulate-visitor.ts';
import type { TrackingCall } from './tracking-call.ts';

export interface ShopOptions {
  random: Random;
  /** On average. */
  eventsPerSecond: number;
  startedAt: Date;
  /** Makes the ids of this run unique. Default: from the start time and a random number. */
  runId?: string;
  /** Real seconds per simulated week. */
  secondsPerWeek?: number;
  /** Bounds memory: at this number of simulated customers, new visitors do not buy. */
  maxCustomers?: number;
  currency?: string;
}

/** A call and its delay after the previous one in milliseconds. */
export interface TimedCall {
  delay: number;
  call: TrackingCall;
}

interface ScheduledCall {
  at: number;
  call: TrackingCall;
  visit: Generator<VisitStep, void>;
}

// Share of visitors who buy. Far more than in a real shop, so that a few events per second include purchases.
const buyingShare = 0.5;
/** Approximate; at the start the shop has the visitors of this many seconds. */
const secondsPerVisit = 8;

/**
 * Generates an endless stream of tracking calls: visitors arrive in a Poisson process, browse, sign up, buy and
 * drop out according to the BG/NBD model. Pure: the same options give the same calls.
 */
export function* simulateShop(options: ShopOptions): Generator<TimedCall, never> {
  const { random, eventsPerSecond, startedAt, maxCustomers = 10_000 } = options;
  const { secondsPerWeek = 25, currency = 'USD' } = options;
  const runId = options.runId ?? createRunId(random, startedAt);
  // A new shop has few returning customers, so it needs more new visitors for the same rate of events.
  const arrivalsPerSecond = (now: number) =>
    eventsPerSecond / expectedCalls(buyingShare, now / secondsPerWeek);
  const initialVisitors = arrivalsPerSecond(0) * secondsPerVisit;
  const schedule: ScheduledCall[] = [];
  let arrival = 0;
  let visitors = 0;
  let calls = 0;
  for (let now = 0; ; ) {
    const next = schedule.at(-1);
    if (!next || arrival < next.at) {
      const buys = random() < buyingShare && schedule.length < maxCustomers;
      const visitor = { id: `${runId}-${++visitors}`, buys, secondsPerWeek, currency };
      scheduleNext(schedule, simulateVisitor(random, visitor), arrival);
      if (visitors >= initialVisitors)
        arrival += drawExponential(random, arrivalsPerSecond(arrival));
      continue;
    }
    schedule.pop();
    const timestamp = new Date(startedAt.getTime() + next.at * 1000).toISOString();
    const call = { ...next.call, messageId: `demo-${runId}-${++calls}`, timestamp };
    yield { delay: (next.at - now) * 1000, call };
    now = next.at;
    scheduleNext(schedule, next.visit, now);
  }
}

/** Schedules the next call of a visitor; a visitor without further calls is dropped. */
function scheduleNext(schedule: ScheduledCall[], visit: Generator<VisitStep, void>, now: number) {
  const step = visit.next();
  if (step.done) return;
  const at = now + step.value.after;
  schedule.splice(insertionIndex(schedule, at), 0, { at, call: step.value.call, visit });
}

/** Binary search. The schedule is sorted with the latest first, so that removing the next call is cheap. */
function insertionIndex(schedule: ScheduledCall[], at: number) {
  let low = 0;
  let high = schedule.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((schedule[middle]?.at ?? 0) > at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const createRunId = (random: Random, startedAt: Date) =>
  startedAt.getTime().toString(36) + Math.floor(random() * 36 ** 4).toString(36);
