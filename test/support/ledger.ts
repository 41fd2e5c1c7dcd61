import type { SeededRandom } from './random.ts';
import { createShop, type ShopCall } from './shop-orders.ts';

/** The senders' record of what was sent and how the server responded. */
export interface Ledger {
  /** All acknowledged calls; those of one customer in the order sent. */
  acknowledged: ShopCall[];
  /** How often each message was reported as "accepted": more than once means applied twice. */
  accepted: Map<string, number>;
  /** Number of responses by status; 0 is no response. */
  statuses: Map<number, number>;
  /** Responses that no client can interpret. */
  odd: string[];
  /** Called after each acknowledgement. */
  onAcknowledged: () => void;
}

export const createLedger = (): Ledger => ({
  acknowledged: [],
  accepted: new Map(),
  statuses: new Map(),
  odd: [],
  onAcknowledged: () => undefined,
});

export interface WriterOptions {
  ledger: Ledger;
  /** The current URL of the server. */
  url: () => string;
  key: string;
  random: SeededRandom;
  maxBatch: number;
  /** The share of responses treated as lost: their batches are sent again although they were applied. */
  lostAnswers?: number;
  /** Called before each new batch. */
  isDone: () => boolean;
  /** Resolves when it makes sense to retry a batch without a response. */
  waitUntilAvailable: () => Promise<void>;
}

/**
 * Sends batches until done, each again with the same message ids until it is acknowledged. Some batches are split before
 * a retry, because the division into batches must not matter.
 */
export async function write(
  name: string,
  customers: number,
  writing: WriterOptions,
): Promise<void> {
  const { random, maxBatch, isDone } = writing;
  const shop = createShop(name, customers, random);
  while (!isDone()) await deliver(shop.batch(random.between(1, maxBatch)), writing);
}

async function deliver(batch: ShopCall[], writing: WriterOptions): Promise<void> {
  if (await send(batch, writing)) return;
  await writing.waitUntilAvailable();
  const cut = writing.random.next() < 0.5 ? Math.ceil(batch.length / 2) : batch.length;
  for (const part of [batch.slice(0, cut), batch.slice(cut)]) {
    if (part.length > 0) await deliver(part, writing);
  }
}

interface Results {
  results: Array<{ status: string; messageId: string }>;
}

/** Whether the whole batch was acknowledged. */
async function send(batch: ShopCall[], writing: WriterOptions): Promise<boolean> {
  const { ledger, url, key, random, lostAnswers = 0 } = writing;
  const answer = await post(`${url()}/v1/batch`, key, { batch });
  ledger.statuses.set(answer.status, (ledger.statuses.get(answer.status) ?? 0) + 1);
  if (answer.status !== 200) {
    if (answer.status !== 0 && !isRefusal(answer)) {
      ledger.odd.push(`${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return false;
  }
  const { results } = answer.body as Results;
  for (const [index, { status, messageId }] of results.entries()) {
    if (messageId !== batch[index]?.messageId) ledger.odd.push(`${messageId} out of place`);
    if (status === 'accepted')
      ledger.accepted.set(messageId, (ledger.accepted.get(messageId) ?? 0) + 1);
    else if (status !== 'duplicate') ledger.odd.push(`${messageId} was ${status}`);
  }
  if (random.next() < lostAnswers) return false;
  ledger.acknowledged.push(...batch);
  ledger.onAcknowledged();
  return true;
}

/** A refusal with a reason and the time after which to retry. */
export const isRefusal = ({ status, headers, body }: BatchResponse) =>
  status === 503 &&
  Number(headers.get('retry-after')) > 0 &&
  ['STORAGE_UNAVAILABLE', 'OVERLOADED'].includes((body as { code: string }).code);

export interface BatchResponse {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Posts JSON; status 0 means that the connection ended before the response. */
export async function post(url: string, key: string, body: unknown): Promise<BatchResponse> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(await response.text()),
    };
  } catch {
    return { status: 0, headers: new Headers(), body: undefined };
  }
}
