import { setTimeout as elapsed } from 'node:timers/promises';
import { openSubscription, type Subscriber } from './subscriber.ts';
import type { Bench } from './support/bench.ts';
import { type Connection, withConnections } from './support/connection.ts';
import type { Measurement } from './support/report.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';
import { percentile } from './support/spread.ts';

export const eventsPerSecond = 500;
/** Keeps the rate as long as responses take up to 64 ms. */
export const connections = 32;
const warmUpSeconds = 1;
const firstInstant = Date.UTC(2025, 0, 1);

interface Variant {
  name: string;
  subscribers: number;
  seconds: number;
  selection: string;
  hasTarget: boolean;
}

const keys = 'at cursor fromKey toKey';
const variants: Variant[] = [
  { name: '1 subscriber', subscribers: 1, seconds: 20, selection: keys, hasTarget: true },
  { name: '20 subscribers', subscribers: 20, seconds: 5, selection: keys, hasTarget: false },
  {
    name: '1 subscriber, with the customer',
    subscribers: 1,
    seconds: 5,
    selection: `${keys} customer { id name email }`,
    hasTarget: false,
  },
];

/** Measures the time from the acknowledgement of an event to the frame with its stage change. */
export async function benchLatency(bench: Bench): Promise<Measurement[]> {
  const server = await bench.freshServer();
  try {
    const measured: Measurement[] = [];
    for (const variant of variants) {
      bench.log(`latency: ${variant.name}, ${variant.seconds} s at ${eventsPerSecond} events/s`);
      const runs: Figures[] = [];
      for (let run = 0; run < bench.runs; run += 1) runs.push(await runOnce(server, variant));
      measured.push(...toMeasurements(variant, runs));
    }
    return measured;
  } finally {
    await server.stop();
  }
}

const figureNames = [
  'accepted → frame, p50',
  'accepted → frame, p99',
  'accepted → frame, max',
  'sent → frame, p50',
  'sent → frame, p99',
  'sent → accepted, p50',
  'sent → accepted, p99',
] as const;
type Figures = Record<(typeof figureNames)[number] | 'rate', number>;

function toMeasurements(variant: Variant, runs: readonly Figures[]): Measurement[] {
  const benchmark = `latency, ${variant.name}`;
  const targets: Partial<Record<keyof Figures, number>> = variant.hasTarget
    ? { 'accepted → frame, p50': 20, 'accepted → frame, p99': 80 }
    : {};
  const lines = figureNames.map((measure): Measurement => {
    const max = targets[measure];
    const values = runs.map((figures) => figures[measure]);
    return { benchmark, measure, unit: 'ms', values, ...(max && { target: { max } }) };
  });
  const values = runs.map(({ rate }) => rate);
  return [...lines, { benchmark, measure: 'events accepted', unit: 'events/s', values }];
}

async function runOnce(server: BenchServer, variant: Variant): Promise<Figures> {
  const { key } = await createBenchWorkspace(server, variant.name);
  const count = eventsPerSecond * (variant.seconds + warmUpSeconds);
  const { url } = server;
  return withConnections({ url, key, count: connections }, async (opened) => {
    const request = { url, key, selection: variant.selection, firstInstant, count: count + 1 };
    const subscribers = Array.from({ length: variant.subscribers }, () =>
      openSubscription(request),
    );
    try {
      await waitUntilSubscribed(opened, subscribers, count);
      const sendings = await sendEvenly(opened, count);
      await waitUntilDelivered(subscribers, sendings);
      return summarise(sendings, subscribers);
    } finally {
      await Promise.all(subscribers.map(({ end }) => end()));
    }
  });
}

interface Sending {
  index: number;
  sentAt: number;
  answeredAt: number;
}

/**
 * Sends at fixed instants for each connection, which fall behind only if responses are slow. A server that cannot keep up
 * has half as much time again; the remaining events are not sent.
 */
export async function sendEvenly(
  opened: readonly Connection[],
  count: number,
  since = firstInstant,
): Promise<Sending[]> {
  const sendings: Sending[] = [];
  const bodies = Array.from({ length: count }, (_, index) => orderBody(index, since));
  const began = performance.now() + 50;
  const until = began + 1.5 * (count / eventsPerSecond) * 1_000;
  await Promise.all(
    opened.map(async (connection, place) => {
      for (let index = place; index < count; index += opened.length) {
        const wait = began + (index * 1_000) / eventsPerSecond - performance.now();
        if (wait > 0) await elapsed(wait);
        if (performance.now() > until) return;
        const answer = await connection.post('/v1/track', bodies[index] ?? Buffer.alloc(0));
        if (answer.status !== 200) throw new Error(`An event was refused: ${answer.text}`);
        sendings.push({ ...answer, index });
      }
    }),
  );
  return sendings;
}

/** The first order of a new customer: one stage change, whose instant identifies the event. */
const orderBody = (index: number, since = firstInstant) =>
  Buffer.from(
    JSON.stringify({
      event: 'Order Completed',
      userId: `customer-${index}`,
      messageId: `order-${index}`,
      timestamp: new Date(since + index).toISOString(),
      properties: { total: 12.34, currency: 'USD' },
    }),
  );

/** Sends uncounted events until every subscription delivers. */
async function waitUntilSubscribed(
  opened: readonly Connection[],
  subscribers: readonly Subscriber[],
  spare: number,
) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (subscribers.every(({ arrivals }) => arrivals[spare] !== 0)) return;
    const call = { ...JSON.parse(orderBody(spare).toString()), messageId: `probe-${attempt}` };
    const body = Buffer.from(JSON.stringify({ ...call, userId: `probe-${attempt}` }));
    await opened[0]?.post('/v1/track', body);
    await elapsed(50);
  }
  throw new Error('A subscription did not begin to deliver');
}

async function waitUntilDelivered(
  subscribers: readonly Subscriber[],
  sendings: readonly Sending[],
) {
  const deadline = performance.now() + 30_000;
  const isMissing = ({ arrivals }: Subscriber) =>
    sendings.filter(({ index }) => arrivals[index] === 0).length;
  while (subscribers.some((subscriber) => isMissing(subscriber) > 0)) {
    if (performance.now() > deadline) throw new Error('Some frames did not arrive');
    await elapsed(100);
  }
}

function summarise(all: readonly Sending[], subscribers: readonly Subscriber[]): Figures {
  const sendings = all.filter(({ index }) => index >= eventsPerSecond * warmUpSeconds);
  const frames = subscribers.flatMap(({ arrivals }) =>
    sendings.map(({ index, sentAt, answeredAt }) => {
      const at = arrivals[index] ?? 0;
      // A frame that arrives before the acknowledgement counts as 0 ms.
      return { afterAccepted: Math.max(0, at - answeredAt), afterSent: at - sentAt };
    }),
  );
  const afterAccepted = frames.map((frame) => frame.afterAccepted);
  const afterSent = frames.map((frame) => frame.afterSent);
  const accepted = sendings.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
  const began = Math.min(...sendings.map(({ sentAt }) => sentAt));
  const ended = Math.max(...sendings.map(({ answeredAt }) => answeredAt));
  return {
    'accepted → frame, p50': percentile(afterAccepted, 0.5),
    'accepted → frame, p99': percentile(afterAccepted, 0.99),
    'accepted → frame, max': percentile(afterAccepted, 1),
    'sent → frame, p50': percentile(afterSent, 0.5),
    'sent → frame, p99': percentile(afterSent, 0.99),
    'sent → accepted, p50': percentile(accepted, 0.5),
    'sent → accepted, p99': percentile(accepted, 0.99),
    rate: (sendings.length / (ended - began)) * 1_000,
  };
}
