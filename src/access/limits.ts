import type { LimitOptions } from '../platform/config.ts';
import { RateLimited } from '../platform/errors.ts';
import type { Principal } from './principal.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** The capacity of a bucket in seconds of its rate: an idle client may exceed its rate for this long. */
const burstSeconds = 60;
const socketBurstSeconds = 4;
const unknownKeysBurstSeconds = 300;

/** Without a key only introspection is possible, which takes longer than most operations. */
const anonymousPerSecond = 10;

/** The remaining budget for the cost of operations. */
export interface Budget {
  remaining: number;
  restoresPerSecond: number;
}

type Concurrent = 'operations' | 'sockets' | 'subscriptions';

/** What is limited: `operations` to `subscriptions` are concurrent uses, the others rates. */
export const limitKinds = [
  'requests',
  'cost',
  'operations',
  'sockets',
  'subscriptions',
  'socket_operations',
  'unknown_keys',
  'anonymous',
] as const;
export type LimitKind = (typeof limitKinds)[number];

/** The rate and concurrency limits of this process. Every refusal is a `RateLimited` with a time to retry. */
export interface Limits {
  /** Counts one request of the key and its workspace. @throws RateLimited */
  countRequest(principal: Principal): void;
  /** Deducts the cost of an operation from the budgets of its key and workspace. @throws RateLimited */
  spend(principal: Principal, cost: number): void;
  /** Refunds the cost that an operation did not use. */
  refund(principal: Principal, cost: number): void;
  /** The smaller of the key's and the workspace's remaining budget; undefined when neither is limited. */
  budget(principal: Principal): Budget | undefined;
  /** Counts one concurrent use until the returned function is called. @throws RateLimited */
  acquire(resource: Concurrent, principal: Principal): () => void;
  /** Counts an operation started on one WebSocket or event stream. @throws RateLimited */
  countOperation(socketId: string): void;
  /** Counts an operation without a key. @throws RateLimited */
  countAnonymous(address: string): void;
  /** Counts a look-up of an unknown key. @throws RateLimited */
  countUnknownKey(address: string): void;
  /** Refunds a look-up, because the key exists. */
  refundUnknownKey(address: string): void;
  /** The number of refusals since the start. */
  refusals(): Readonly<Record<LimitKind, number>>;
}

/** @param now milliseconds on a clock that never goes back */
export function createLimits(options: LimitOptions, now?: () => number): Limits {
  const refusals = noRefusals();

  function refusal(kind: LimitKind, reason: string, retryAfterMs?: number) {
    refusals[kind] += 1;
    return new RateLimited(reason, retryAfterMs);
  }

  const rate = (kind: LimitKind, perSecond: number, reason: string, seconds = burstSeconds) =>
    createRate({
      perSecond,
      capacity: perSecond * seconds,
      refusal: (retryAfterMs) => refusal(kind, reason, retryAfterMs),
      now,
    });
  const requests = [
    rate('requests', options.keyRequests, 'This key exceeds its limit of requests.'),
    rate(
      'requests',
      options.workspaceRequests,
      'The keys of this workspace exceed their limit of requests.',
    ),
  ];
  const costs = [
    rate('cost', options.keyCost, 'This key has exhausted its budget for the cost of operations.'),
    rate(
      'cost',
      options.workspaceCost,
      'This workspace has exhausted its budget for the cost of operations.',
    ),
  ];
  const perSocket = rate(
    'socket_operations',
    options.socketOperations,
    'This socket exceeds its limit of operations per second.',
    socketBurstSeconds,
  );
  const unknownKeys = rate(
    'unknown_keys',
    options.unknownKeys / 60,
    'This address has sent too many unknown keys.',
    unknownKeysBurstSeconds,
  );
  const anonymous = rate(
    'anonymous',
    anonymousPerSecond,
    'This address sends too many operations without a key.',
  );
  const maxConcurrent: Record<Concurrent, number> = {
    operations: options.keyOperations,
    sockets: options.keySockets,
    subscriptions: options.keySubscriptions,
  };
  const inUse = new Map<string, number>();

  return {
    countRequest: (principal) => takeFromAll(requests, principal, 1),
    spend: (principal, cost) => takeFromAll(costs, principal, cost),
    refund(principal, cost) {
      for (const [index, name] of namesOf(principal).entries()) costs[index]?.put(name, cost);
    },
    budget: (principal) =>
      namesOf(principal)
        .flatMap((name, index) => costs[index]?.state(name) ?? [])
        .toSorted((a, b) => a.remaining - b.remaining)[0],
    acquire(resource, { keyId }) {
      const name = `${resource} ${keyId}`;
      const count = inUse.get(name) ?? 0;
      const max = maxConcurrent[resource];
      if (max > 0 && count >= max) {
        throw refusal(resource, `This key has reached its limit of ${max} concurrent ${resource}.`);
      }
      inUse.set(name, count + 1);
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        const rest = (inUse.get(name) ?? 1) - 1;
        if (rest === 0) inUse.delete(name);
        else inUse.set(name, rest);
      };
    },
    countOperation: (socketId) => perSocket.take(socketId, 1),
    countAnonymous: (address) => anonymous.take(address, 1),
    countUnknownKey: (address) => unknownKeys.take(address, 1),
    refundUnknownKey: (address) => unknownKeys.put(address, 1),
    refusals: () => refusals,
  };
}

const noRefusals = () =>
  Object.fromEntries(limitKinds.map((kind) => [kind, 0])) as Record<LimitKind, number>;

/** In the order of the rates: by key, by workspace. */
const namesOf = ({ keyId, workspaceId }: Principal) => [keyId, workspaceId];

/** All or nothing: if one rate refuses, the tokens taken from the others are put back. */
function takeFromAll(rates: readonly Rate[], principal: Principal, tokens: number) {
  const names = namesOf(principal);
  for (const [index, rate] of rates.entries()) {
    try {
      rate.take(names[index] ?? '', tokens);
    } catch (error) {
      for (const [before, { put }] of rates.slice(0, index).entries())
        put(names[before] ?? '', tokens);
      throw error;
    }
  }
}

interface Rate {
  take(name: string, tokens: number): void;
  put(name: string, tokens: number): void;
  state(name: string): Budget | undefined;
}

const unlimited: Rate = { take: () => undefined, put: () => undefined, state: () => undefined };

function createRate(options: {
  perSecond: number;
  capacity: number;
  refusal: (retryAfterMs: number) => RateLimited;
  now: (() => number) | undefined;
}): Rate {
  const { perSecond, capacity, refusal, now } = options;
  if (perSecond === 0) return unlimited;
  const buckets = createTokenBuckets({ capacity, perSecond, ...(now && { now }) });
  return {
    take(name, tokens) {
      const { taken, retryAfterMs } = buckets.take(name, tokens);
      if (!taken) throw refusal(retryAfterMs);
    },
    put: buckets.put,
    state: (name) => ({
      remaining: Math.floor(buckets.remaining(name)),
      restoresPerSecond: perSecond,
    }),
  };
}
