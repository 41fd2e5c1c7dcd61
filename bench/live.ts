import { setTimeout as elapsed } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { type Connection, withConnections } from './connection.ts';
import type { Measurement } from './report.ts';
import { type BenchServer, createBenchWorkspace } from './server.ts';
import { percentile } from './spread.ts';
import { openSubscription, type Subscriber } from './subscriber.ts';

const eventsPerSecond = 20;
const seconds = 10;
const count = eventsPerSecond * seconds;
const firstInstant = Date.UTC(2025, 0, 1);
const selection = 'at cursor fromKey toKey customer { id name orderCount }';
const subscriberCounts = [0, 100, 500];

/** Measures what subscribers of one workspace, each with the same selection, cost ingestion. */
export async function benchLive(bench: Bench): Promise<Measurement[]> {
  const server = await bench.freshServer();
  const runs = new Map<number, Figures[]>(subscriberCounts.map((subscribers) => [subscribers, []]));
  try {
    for (let run = 0; run < bench.runs; run += 1) {
      for (const [subscribers, figures] of runs) {
        bench.log(`live: ${subscribers} subscribers, ${eventsPerSecond} single events/s`);
        figures.push(await runOnce(server, subscribers));
      }
    }
  } finally {
    await server.stop();
  }
  const baseline = runs.get(0) ?? [];
  return [...runs].flatMap(([subscribers, figures]) =>
    toMeasurements(subscribers, figures, baseline),
  );
}

interface Figures {
  /** Milliseconds between sending an event and its acknowledgement. */
  accepted: { p50: number; p99: number };
  /** Milliseconds between the acknowledgement and the last subscriber's frame. */
  lastFrame: { p50: number; p99: number };
}

function toMeasurements(
  subscribers: number,
  figures: readonly Figures[],
  baseline: readonly Figures[],
): Measurement[] {
  const benchmark = `live, ${subscribers} subscribers`;
  const line = (measure: string, unit: string, toValue: (one: Figures, run: number) => number) => ({
    benchmark,
    measure,
    unit,
    values: figures.map(toValue),
  });
  const acknowledged = [
    line('sent → accepted, p50', 'ms', ({ accepted }) => accepted.p50),
    line('sent → accepted, p99', 'ms', ({ accepted }) => accepted.p99),
  ];
  if (subscribers === 0) return acknowledged;
  return [
    ...acknowledged,
    line(
      'p50 / without subscribers',
      '',
      ({ accepted }, run) => accepted.p50 / (baseline[run]?.accepted.p50 ?? Number.NaN),
    ),
    line('accepted → last frame, p50', 'ms', ({ lastFrame }) => lastFrame.p50),
    line('accepted → last frame, p99', 'ms', ({ lastFrame }) => lastFrame.p99),
  ];
}

async function runOnce(server: BenchServer, subscribers: number): Promise<Figures> {
  const { key } = await createBenchWorkspace(server, `live ${subscribers}`);
  const { url } = server;
  const request = { url, key, selection, firstInstant, count: count + 1 };
  return withConnections({ url, key, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    const opened = Array.from({ length: subscribers }, () => openSubscription(request));
    try {
      await waitUntilSubscribed(connection, opened);
      const answers = await sendEvenly(connection);
      await waitUntilDelivered(opened);
      return summarise(answers, opened);
    } finally {
      await Promise.all(opened.map(({ end }) => end()));
    }
  });
}

interface Answer {
  sentAt: number;
  answeredAt: number;
}

async function sendEvenly(connection: Connection): Promise<Answer[]> {
  const answers: Answer[] = [];
  const began = performance.now() + 50;
  for (let index = 0; index < count; index += 1) {
    const wait = began + (index * 1_000) / eventsPerSecond - performance.now();
    if (wait > 0) await elapsed(wait);
    answers.push(await sendOrder(connection, index, `order-${index}`));
  }
  return answers;
}

async function sendOrder(connection: Connection, index: number, messageId: string) {
  const event = {
    event: 'Order Completed',
    userId: messageId,
    messageId,
    timestamp: new Date(firstInstant + index).toISOString(),
    properties: { total: 12.34, currency: 'USD' },
  };
  const answer = await connection.post('/v1/track', Buffer.from(JSON.stringify(event)));
  if (answer.status !== 200) throw new Error(`An event was refused: ${answer.text}`);
  return answer;
}

/** Sends uncounted events until every subscription delivers. */
async function waitUntilSubscribed(connection: Connection, subscribers: readonly Subscriber[]) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (subscribers.every(({ arrivals }) => arrivals[count] !== 0)) return;
    await sendOrder(connection, count, `probe-${attempt}`);
    await elapsed(100);
  }
  throw new Error('A subscription did not begin to deliver');
}

async function waitUntilDelivered(subscribers: readonly Subscriber[]) {
  const deadline = performance.now() + 60_000;
  while (subscribers.some(({ arrivals }) => arrivals.includes(0))) {
    if (performance.now() > deadline) throw new Error('Some frames did not arrive');
    await elapsed(100);
  }
}

function summarise(answers: readonly Answer[], subscribers: readonly Subscriber[]): Figures {
  const accepted = answers.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
  const lastFrame = answers.map(({ answeredAt }, index) =>
    Math.max(0, ...subscribers.map(({ arrivals }) => (arrivals[index] ?? 0) - answeredAt)),
  );
  const spread = (values: number[]) => ({
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
  });
  return { accepted: spread(accepted), lastFrame: spread(lastFrame) };
}
