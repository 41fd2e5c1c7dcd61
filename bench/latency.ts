import { setTimeout as elapsed } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { type Connection, withConnections } from './connection.ts';
import type { Measurement } from './report.ts';
import { type BenchServer, createBenchWorkspace } from './server.ts';
import { percentile } from './spread.ts';
import { openSubscription, type Subscriber } from './subscriber.ts';

export const eventsPerSecond = 500;
/** So many that the rate is kept while an answer takes up to 64 ms. */
export const connections = 32;
const warmUpSeconds = 1;
const firstInstant = Date.UTC(2025, 0, 1);

interface Variant {
  name: string;
  subscribers: number;
  seconds: number;
  selection: string;
  aimed: boolean;
}

const keys = 'at cursor fromKey toKey';
const variants: Variant[] = [
  { name: '1 subscriber', subscribers: 1, seconds: 20, selection: keys, aimed: true },
  { name: '20 subscribers', subscribers: 20, seconds: 5, selection: keys, aimed: false },
  {
    name: '1 subscriber, with the customer',
    subscribers: 1,
    seconds: 5,
    selection: `${keys} customer { id name email }`,
    aimed: false,
  },
];

/** From an event's acknowledgement to the frame that tells a subscriber of what it brought about. */
export async function benchLatency(bench: Bench): Promise<Measurement[]> {
  const server = await bench.freshServer();
  try {
    const measured: Measurement[] = [];
    for (const variant of variants) {
      bench.say(`latency: ${variant.name}, ${variant.seconds} s at ${eventsPerSecond} events/s`);
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
  const aims: Partial<Record<keyof Figures, number>> = variant.aimed
    ? { 'accepted → frame, p50': 20, 'accepted → frame, p99': 80 }
    : {};
  const lines = figureNames.map((measure): Measurement => {
    const atMost = aims[measure];
    const values = runs.map((figures) => figures[measure]);
    return { benchmark, measure, unit: 'ms', values, ...(atMost && { aim: { atMost } }) };
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
      await untilAllListen(opened, subscribers, count);
      const sendings = await sendEvenly(opened, count);
      await untilAllDelivered(subscribers, sendings);
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
 * Keeps to the clock: each connection has its own instants, and falls behind only if answers are slow. A
 * server that cannot keep up is given half the time again, then the rest is not sent.
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

/** The first order of a new customer: one stage change, whose instant says which event it is of. */
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

/** A subscription is at work when it delivers; until then events are sent that nobody counts. */
async function untilAllListen(
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

async function untilAllDelivered(subscribers: readonly Subscriber[], sendings: readonly Sending[]) {
  const patience = performance.now() + 30_000;
  const isMissing = ({ arrivals }: Subscriber) =>
    sendings.filter(({ index }) => arrivals[index] === 0).length;
  while (subscribers.some((subscriber) => isMissing(subscriber) > 0)) {
    if (performance.now() > patience) throw new Error('Some frames did not arrive');
    await elapsed(100);
  }
}

function summarise(all: readonly Sending[], subscribers: readonly Subscriber[]): Figures {
  const sendings = all.filter(({ index }) => index >= eventsPerSecond * warmUpSeconds);
  const frames = subscribers.flatMap(({ arrivals }) =>
    sendings.map(({ index, sentAt, answeredAt }) => {
      const at = arrivals[index] ?? 0;
      // A frame that overtakes the acknowledgement has taken no time after it.
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
