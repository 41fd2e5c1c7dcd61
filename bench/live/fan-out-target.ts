import type { Bench } from '../support/bench.ts';
import { type Connection, openBenchConnection } from '../support/connection.ts';
import { createBenchWorkspace } from '../support/server.ts';
import { type BaselineKind, startBaseline } from './baseline-server.ts';
import { openingPace, type SocketLoad, startLoad } from './load.ts';
import { keepPace, type Pace } from './pace.ts';
import { type Acknowledgement, sendBatch } from './send-events.ts';
import { settingsFor } from './socket-limit.ts';
import { openSubscribers } from './subscribers.ts';
import { firstOrder, stageChanges } from './subscription.ts';

/** A server whose subscribers all receive the same. */
export interface FanOutTarget {
  load: SocketLoad;
  /** Makes changes at a pace. Those of Stageline are acknowledged. */
  publish(pace: Pace): Promise<Published>;
  /** Of the server. */
  cpuSeconds(): Promise<number>;
  /** The frames that every subscription has before the first step. */
  firstFrame: number;
  assertExact(): Promise<void>;
  end(): Promise<void>;
}

export interface Published {
  sent: number;
  seconds: number;
  acknowledgements: Acknowledgement[];
}

/** Stageline: every change is an event of a new customer, sent in batches. */
export async function openStageline(bench: Bench, count: number): Promise<FanOutTarget> {
  const server = await bench.freshServer(settingsFor(count));
  const { key } = await createBenchWorkspace(server, 'fan-out');
  const connection = openBenchConnection(server.url, key);
  const subscribers = await openSubscribers(connection, { url: server.url, key, count });
  return {
    load: subscribers.load,
    firstFrame: 1,
    async publish(pace) {
      const published = await ingestAtPace(connection, pace);
      subscribers.frames += published.sent;
      return published;
    },
    cpuSeconds: server.cpuSeconds,
    assertExact: subscribers.assertExact,
    async end() {
      await subscribers.end();
      connection.close();
      await server.stop();
    },
  };
}

let ingested = 0;

/** Sends first orders of new customers at a pace. */
export async function ingestAtPace(connection: Connection, pace: Pace): Promise<Published> {
  const acknowledgements: Acknowledgement[] = [];
  const sent = await keepPace(pace, async (_first, count) => {
    const batch = Array.from({ length: count }, () => firstOrder(`customer-${ingested++}`));
    acknowledgements.push(await sendBatch(connection, batch));
  });
  return { ...sent, acknowledgements };
}

/** A server to compare with, which makes the changes itself. */
export async function openBaseline(kind: BaselineKind, count: number): Promise<FanOutTarget> {
  const server = await startBaseline(kind);
  const load = startLoad(count);
  await load.open({
    ...{ url: server.url, key: '', query: stageChanges, variables: Array(count).fill({}) },
    ...{ ...openingPace, checkedShare: 100, resumes: false },
  });
  return {
    load,
    firstFrame: 0,
    async publish(pace) {
      return { ...(await server.publish({ pace, subscribers: count })), acknowledgements: [] };
    },
    cpuSeconds: server.cpuSeconds,
    assertExact: async () => undefined,
    async end() {
      await load.end();
      await server.stop();
    },
  };
}
