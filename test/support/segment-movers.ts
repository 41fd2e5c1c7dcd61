import { setTimeout as pause } from 'node:timers/promises';
import { waitUntil } from './embedded-owners.ts';
import { post } from './ledger.ts';
import { stageInput } from './lifecycles.ts';
import type { SeededRandom } from './random.ts';
import { processAdminKey } from './server-process.ts';

/** Asks a server that may be about to start or to end; throws without an answer. */
async function ask<Data>(url: string, query: string, variables: object = {}): Promise<Data> {
  const { body } = await post(`${url}/graphql`, processAdminKey, { query, variables });
  const { data } = (body ?? {}) as { data?: Data };
  if (!data) throw new Error(`No data: ${JSON.stringify(body)}`);
  return data;
}

export const moodLifecycle = 'MOOD';
export const segmentKey = (index: number) => `GROUP_${index}`;
const userId = (index: number) => `customer-${index}`;

/**
 * Defines segments, of which a customer is in one at a time, and a lifecycle with two stages; a call `identify` moves
 * a customer from any to any. Creates the customers.
 */
export async function prepareMoves(url: string, sizes: { segments: number; customers: number }) {
  const indexes = Array.from({ length: sizes.segments }, (_, index) => index);
  for (const index of indexes) {
    await ask(url, createSegment, {
      key: segmentKey(index),
      filter: { trait: { name: 'group', is: { number: { equals: index } } } },
    });
  }
  await ask(url, createLifecycle, {
    key: moodLifecycle,
    stages: [
      stageInput('LOW', { all: [] }),
      stageInput('HIGH', { trait: { name: 'mood', is: { number: { equals: 1 } } } }),
    ],
  });
  await waitUntil(async () => (await buildStates(url)).every((state) => state === 'DONE'), 60_000);
  const batch = Array.from({ length: sizes.customers }, (_, index) => ({
    type: 'identify',
    userId: userId(index),
  }));
  await post(`${url}/v1/batch`, processAdminKey, { batch });
}

const createSegment = `mutation ($key: String!, $filter: CustomerFilter) {
  createSegment(name: $key, key: $key, filter: $filter) { ... on SegmentPayload { segment { id } } } }`;

const createLifecycle = `mutation ($key: String!, $stages: [StageInput!]) {
  createLifecycle(name: $key, key: $key, stages: $stages) { __typename } }`;

interface Built {
  build: { state: string } | null;
}

async function buildStates(url: string) {
  const { lifecycle, segments } = await ask<{ lifecycle: Built; segments: { nodes: Built[] } }>(
    url,
    `query ($key: String) { lifecycle(key: $key) { build { state } }
      segments(first: 100) { nodes { build { state } } } }`,
    { key: moodLifecycle },
  );
  return [lifecycle, ...segments.nodes].map(({ build }) => build?.state);
}

/** The id of a customer in the API. */
export async function customerId(url: string, index: number): Promise<string> {
  const query = 'query ($userId: String!) { customer(by: { userId: $userId }) { id } }';
  const { customer } = await ask<{ customer: { id: string } }>(url, query, {
    userId: userId(index),
  });
  return customer.id;
}

export async function currentCursor(url: string): Promise<string> {
  const { workspace } = await ask<{ workspace: { cursor: string } }>(
    url,
    '{ workspace { cursor } }',
  );
  return workspace.cursor;
}

export interface MoverOptions {
  url: () => string;
  random: SeededRandom;
  segments: number;
  customers: number;
  maxBatch: number;
  isDone: () => boolean;
  /** Called with the number of calls that the server has acknowledged. */
  onAcknowledged: (calls: number) => void;
}

/** Moves random customers until done. A batch without an answer is not repeated: the log says whether it counts. */
export async function moveAtRandom(options: MoverOptions): Promise<void> {
  const { url, random, segments, customers, maxBatch, isDone, onAcknowledged } = options;
  const call = () => ({
    type: 'identify',
    userId: userId(random.between(0, customers - 1)),
    traits: { group: random.between(0, segments - 1), mood: random.between(0, 1) },
  });
  while (!isDone()) {
    const batch = Array.from({ length: random.between(1, maxBatch) }, call);
    const { status } = await post(`${url()}/v1/batch`, processAdminKey, { batch });
    if (status === 200) onAcknowledged(batch.length);
    else await pause(20);
  }
}
