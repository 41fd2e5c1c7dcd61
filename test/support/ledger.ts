import type { SeededRandom } from './random.ts';
import { createShop, type ShopCall } from './shop-orders.ts';

/** What was sent and what was answered, by the sender's own book. */
export interface Ledger {
  /** Everything that was acknowledged; the calls of one customer are in the order sent. */
  acknowledged: ShopCall[];
  /** How often each message was answered with "accepted": more than once is a double application. */
  accepted: Map<string, number>;
  /** Answers by status; 0 stands for no answer. */
  statuses: Map<number, number>;
  /** Answers that no sender can make sense of. */
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

export interface Writing {
  ledger: Ledger;
  /** Where the server is at present. */
  url: () => string;
  key: string;
  random: SeededRandom;
  maxBatch: number;
  /** The share of answers that count as lost on their way: what was applied is then sent again. */
  lostAnswers?: number;
  /** Asked before each new batch. */
  isDone: () => boolean;
  /** Resolves when it makes sense to send again what had no answer. */
  untilBack: () => Promise<void>;
}

/**
 * Sends batch after batch until it is done, each again until it is acknowledged, with the same message
 * ids; sometimes cut in two, because how events are batched must not matter.
 */
export async function write(name: string, customers: number, writing: Writing): Promise<void> {
  const { random, maxBatch, isDone } = writing;
  const shop = createShop(name, customers, random);
  while (!isDone()) await deliver(shop.batch(random.between(1, maxBatch)), writing);
}

async function deliver(batch: ShopCall[], writing: Writing): Promise<void> {
  if (await send(batch, writing)) return;
  await writing.untilBack();
  const cut = writing.random.next() < 0.5 ? Math.ceil(batch.length / 2) : batch.length;
  for (const part of [batch.slice(0, cut), batch.slice(cut)]) {
    if (part.length > 0) await deliver(part, writing);
  }
}

interface Results {
  results: Array<{ status: string; messageId: string }>;
}

/** Whether the batch was acknowledged as a whole. */
async function send(batch: ShopCall[], writing: Writing): Promise<boolean> {
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

/** A refusal that says when to come back, and why in one sentence. */
export const isRefusal = ({ status, headers, body }: BatchResponse) =>
  status === 503 &&
  Number(headers.get('retry-after')) > 0 &&
  ['STORAGE_UNAVAILABLE', 'OVERLOADED'].includes((body as { code: string }).code);

export interface BatchResponse {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Posts JSON; status 0 when the connection ended before the answer did. */
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
