import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';
import type { LoadResult, LoadTask } from './fairness-loads.ts';
import { openBenchConnection, operationBody } from './support/connection.ts';

/** Runs one load in its own thread, so that it does not slow the probe that is measured at the same time. */
async function run(task: LoadTask): Promise<LoadResult> {
  return 'subscribes' in task ? floodSocket(task) : repeatQuery(task);
}

/** Sends the query repeatedly from `clients` connections; the first call of the first client is reported separately. */
async function repeatQuery({ url, key, query, clients, seconds }: LoadTask & { query: string }) {
  const body = operationBody(query);
  const until = performance.now() + seconds * 1_000;
  const statuses: Record<number, number> = {};
  let first: LoadResult['first'] | undefined;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const connection = openBenchConnection(url, key);
      while (performance.now() < until) {
        const { status, text, sentAt, answeredAt } = await connection.post('/graphql', body);
        statuses[status] = (statuses[status] ?? 0) + 1;
        const isGood = status === 200 && !text.includes('"errors"');
        if (client === 0) first ??= { isGood, seconds: (answeredAt - sentAt) / 1_000 };
      }
      connection.close();
    }),
  );
  return { first: first ?? { isGood: false, seconds: Number.NaN }, statuses };
}

/** Starts and completes a subscription repeatedly on one socket; the first subscription must deliver. */
async function floodSocket({ url, key, subscribes }: LoadTask & { subscribes: number }) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const began = performance.now();
  const delivered = Promise.withResolvers<LoadResult['first']>();
  const over = Promise.withResolvers<void>();
  const statuses: Record<string, number> = {};
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init', payload: { key } }));
  socket.on('close', () => over.resolve());
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(String(data));
    statuses[type] = (statuses[type] ?? 0) + 1;
    if (type === 'connection_ack') flood();
    if (id === 'first') {
      delivered.resolve({ isGood: type === 'next', seconds: (performance.now() - began) / 1_000 });
    }
    if (type === 'pong') over.resolve();
  });
  const query = 'subscription { stageCountsChanged { __typename } }';
  function flood() {
    send({ type: 'subscribe', id: 'first', payload: { query } });
    for (let i = 0; i < subscribes; i += 1) {
      send({ type: 'subscribe', id: `s${i}`, payload: { query } });
      send({ type: 'complete', id: `s${i}` });
    }
    send({ type: 'ping' });
  }
  const first = await delivered.promise;
  await over.promise;
  socket.close();
  return { first, statuses };
}

parentPort?.postMessage(await run(workerData));
