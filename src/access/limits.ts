import type { LimitOptions } from '../platform/config.ts';
import { RateLimited } from '../platform/errors.ts';
import type { Principal } from './principal.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** A bucket holds what refills in this time: for so long an idle client may ask for more than its rate. */
const burstSeconds = 60;
const socketBurstSeconds = 4;
const unknownKeysBurstSeconds = 300;

/** Without a key there is introspection alone; it takes longer than most operations. */
const anonymousPerSecond = 10;

/** What is left for the cost of operations. */
export interface Budget {
  remaining: number;
  restoresPerSecond: number;
}

type Held = 'operations' | 'sockets' | 'subscriptions';

/** What clients may ask of this process. Every refusal is a `RateLimited` that says when to come back. */
export interface Limits {
  /** Counts one request of the key and its workspace. @throws RateLimited */
  countRequest(principal: Principal): void;
  /** Takes the cost of an operation out of the budgets of its key and workspace. @throws RateLimited */
  spend(principal: Principal, cost: number): void;
  /** Gives back what an operation did not use. */
  refund(principal: Principal, cost: number): void;
  /** The tighter one of the key's and the workspace's budget; undefined when neither is limited. */
  budget(principal: Principal): Budget | undefined;
  /** Counts what lasts until the returned function is called. @throws RateLimited */
  hold(what: Held, principal: Principal): () => void;
  /** Counts an operation that begins on one WebSocket. @throws RateLimited */
  countOperation(socketId: string): void;
  /** Counts an operation without a key. @throws RateLimited */
  countAnonymous(address: string): void;
  /** Counts a look-up of a key that nothing is known of. @throws RateLimited */
  countUnknownKey(address: string): void;
  /** The key was known after all. */
  forgiveUnknownKey(address: string): void;
}

/** @param now milliseconds on a clock that never goes back */
export function createLimits(options: LimitOptions, now?: () => number): Limits {
  const rate = (perSecond: number, refusal: string, seconds = burstSeconds) =>
    createRate({ perSecond, capacity: perSecond * seconds, refusal, now });
  const requests = [
    rate(options.keyRequests, 'This key sends more requests than it may.'),
    rate(options.workspaceRequests, 'The keys of this workspace send more requests than they may.'),
  ];
  const costs = [
    rate(options.keyCost, 'This key has used up its budget for the cost of operations.'),
    rate(
      options.workspaceCost,
      'This workspace has used up its budget for the cost of operations.',
    ),
  ];
  const perSocket = rate(
    options.socketOperations,
    'This socket begins more operations a second than it may.',
    socketBurstSeconds,
  );
  const unknownKeys = rate(
    options.unknownKeys / 60,
    'This address has sent too many keys that do not exist.',
    unknownKeysBurstSeconds,
  );
  const anonymous = rate(
    anonymousPerSecond,
    'This address sends too many operations without a key.',
  );
  const maxHeld: Record<Held, number> = {
    operations: options.keyOperations,
    sockets: options.keySockets,
    subscriptions: options.keySubscriptions,
  };
  const held = new Map<string, number>();

  return {
    countRequest: (principal) => takeAll(requests, principal, 1),
    spend: (principal, cost) => takeAll(costs, principal, cost),
    refund(principal, cost) {
      for (const [index, name] of namesOf(principal).entries()) costs[index]?.put(name, cost);
    },
    budget: (principal) =>
      namesOf(principal)
        .flatMap((name, index) => costs[index]?.state(name) ?? [])
        .toSorted((a, b) => a.remaining - b.remaining)[0],
    hold(what, { keyId }) {
      const name = `${what} ${keyId}`;
      const count = held.get(name) ?? 0;
      if (maxHeld[what] > 0 && count >= maxHeld[what]) {
        throw new RateLimited(`This key has ${count} ${what} at a time, as many as it may.`);
      }
      held.set(name, count + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const rest = (held.get(name) ?? 1) - 1;
        if (rest === 0) held.delete(name);
        else held.set(name, rest);
      };
    },
    countOperation: (socketId) => perSocket.take(socketId, 1),
    countAnonymous: (address) => anonymous.take(address, 1),
    countUnknownKey: (address) => unknownKeys.take(address, 1),
    forgiveUnknownKey: (address) => unknownKeys.put(address, 1),
  };
}

/** In the order of the rates: by key, by workspace. */
const namesOf = ({ keyId, workspaceId }: Principal) => [keyId, workspaceId];

/** All or nothing: what one rate refuses is not taken out of the others. */
function takeAll(rates: readonly Rate[], principal: Principal, tokens: number) {
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
  refusal: string;
  now: (() => number) | undefined;
}): Rate {
  const { perSecond, capacity, refusal, now } = options;
  if (perSecond === 0) return unlimited;
  const buckets = createTokenBuckets({ capacity, perSecond, ...(now && { now }) });
  return {
    take(name, tokens) {
      const { taken, retryAfterMs } = buckets.take(name, tokens);
      if (!taken) throw new RateLimited(refusal, retryAfterMs);
    },
    put: buckets.put,
    state: (name) => ({
      remaining: Math.floor(buckets.remaining(name)),
      restoresPerSecond: perSecond,
    }),
  };
}
