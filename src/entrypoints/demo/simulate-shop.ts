import { drawExponential, type Random } from './random-variates.ts';
import type { TrackingCall } from './tracking-call.ts';
import { expectedCalls, type Step, visitorStory } from './visitor-story.ts';

export interface ShopOptions {
  random: Random;
  /** On average. */
  eventsPerSecond: number;
  startedAt: Date;
  /** Sets this run's ids apart from those of any other; by default made of start and chance. */
  runId?: string;
  /** Real seconds that a week of the shop takes. */
  secondsPerWeek?: number;
  /** Nobody new becomes a customer while so many are followed: memory stays bounded. */
  mostCustomers?: number;
  currency?: string;
}

/** A call and how long after the previous one it comes, in milliseconds. */
export interface TimedCall {
  delay: number;
  call: TrackingCall;
}

interface Appointment {
  at: number;
  call: TrackingCall;
  story: Generator<Step, void>;
}

// Of all visitors. Far more than any real shop's, so that a few events a second have purchases in them.
const buyingShare = 0.5;
/** About; so many seconds' worth of visitors are in the shop when it opens. */
const secondsPerVisit = 8;

/**
 * An endless, seeded stream of tracking calls: visitors arrive by a Poisson process, browse, sign up,
 * buy and fall silent as the BG/NBD model has it. Pure: the same options give the same calls.
 */
export function* simulateShop(options: ShopOptions): Generator<TimedCall, never> {
  const { random, eventsPerSecond, startedAt, mostCustomers = 10_000 } = options;
  const { secondsPerWeek = 25, currency = 'USD' } = options;
  const runId = options.runId ?? createRunId(random, startedAt);
  // A young shop has few customers who come again, so it needs more who come for the first time.
  const arrivalsPerSecond = (now: number) =>
    eventsPerSecond / expectedCalls(buyingShare, now / secondsPerWeek);
  const alreadyThere = arrivalsPerSecond(0) * secondsPerVisit;
  const agenda: Appointment[] = [];
  let arrival = 0;
  let visitors = 0;
  let calls = 0;
  for (let now = 0; ; ) {
    const next = agenda.at(-1);
    if (!next || arrival < next.at) {
      const buys = random() < buyingShare && agenda.length < mostCustomers;
      const visitor = { id: `${runId}-${++visitors}`, buys, secondsPerWeek, currency };
      continueStory(agenda, visitorStory(random, visitor), arrival);
      if (visitors >= alreadyThere) arrival += drawExponential(random, arrivalsPerSecond(arrival));
      continue;
    }
    agenda.pop();
    const timestamp = new Date(startedAt.getTime() + next.at * 1000).toISOString();
    const call = { ...next.call, messageId: `demo-${runId}-${++calls}`, timestamp };
    yield { delay: (next.at - now) * 1000, call };
    now = next.at;
    continueStory(agenda, next.story, now);
  }
}

// A story that has ended is in no list any more: who dropped out is forgotten.
function continueStory(agenda: Appointment[], story: Generator<Step, void>, now: number) {
  const step = story.next();
  if (step.done) return;
  const at = now + step.value.after;
  agenda.splice(placeOf(agenda, at), 0, { at, call: step.value.call, story });
}

/** The agenda is sorted with the latest first, so that the next one is cheap to take off its end. */
function placeOf(agenda: Appointment[], at: number) {
  let low = 0;
  let high = agenda.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((agenda[middle]?.at ?? 0) > at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const createRunId = (random: Random, startedAt: Date) =>
  startedAt.getTime().toString(36) + Math.floor(random() * 36 ** 4).toString(36);
