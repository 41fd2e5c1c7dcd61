import { expect, it } from 'vitest';
import { createLimits, type Limits, limitKinds } from '../../../src/access/limits.ts';

const principal = { workspaceId: 'w', keyId: 'k', scopes: ['read'] as const };
const options = {
  keyRequests: 1,
  workspaceRequests: 0,
  keyCost: 0,
  workspaceCost: 1,
  keyOperations: 1,
  keySockets: 1,
  keySubscriptions: 1,
  socketOperations: 1,
  unknownKeys: 1,
};

const uses: Record<(typeof limitKinds)[number], (limits: Limits) => unknown> = {
  requests: (limits) => limits.countRequest(principal),
  cost: (limits) => limits.spend(principal, 60),
  operations: (limits) => limits.acquire('operations', principal),
  sockets: (limits) => limits.acquire('sockets', principal),
  subscriptions: (limits) => limits.acquire('subscriptions', principal),
  socket_operations: (limits) => limits.countOperation('s'),
  unknown_keys: (limits) => limits.countUnknownKey('a'),
  anonymous: (limits) => limits.countAnonymous('a'),
};

it.each(limitKinds)('counts a refusal by the limit of %s, and no use below it', (kind) => {
  const limits = createLimits(options, () => 0);
  const none = { ...limits.refusals() };
  const use = () => uses[kind](limits);

  expect(() => {
    for (let i = 0; i < 1_000; i += 1) use();
  }).toThrow('Try again');
  expect(use).toThrow('Try again');

  expect(limits.refusals()).toEqual({ ...none, [kind]: 2 });
  expect(Object.values(none)).toEqual(limitKinds.map(() => 0));
});
