import fc from 'fast-check';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { type Scope, scopes } from '../../../src/access/principal.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { type StoredChange, storedChanges } from '../../support/inspect.ts';
import { type LiveOperation, type LiveSocket, openLiveSocket } from '../../support/live-socket.ts';
import { type Operation, streams, toOperation } from '../../support/random-subscriptions.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { type SeededWorkspace, seedWorkspace } from '../../support/seed-workspace.ts';
import { useServer } from '../../support/server.ts';

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 6);
const timeoutMs = 60_000 + runs * 20_000;

const unlimited = 1e9;
const server = useServer({
  limits: {
    ...loadConfig({}).limits,
    keyRequests: unlimited,
    workspaceRequests: unlimited,
    keyCost: unlimited,
    workspaceCost: unlimited,
    socketOperations: unlimited,
    keySubscriptions: unlimited,
  },
});

/** Subscribers with the same key, operation and variables. */
const subscribersPerGroup = 48;

interface Tenant {
  seeded: SeededWorkspace;
  /** The keys with every combination of scopes, by the scopes' names. */
  keys: Map<string, string>;
}

/** A key of a browser has no other scope. */
const combinable = scopes.filter((scope) => scope !== 'collect');
const combinations: Scope[][] = [
  ['collect'],
  ...Array.from({ length: 2 ** combinable.length }, (_, bits) =>
    combinable.filter((_scope, index) => bits & (1 << index)),
  ),
];
const canRead = (combination: readonly Scope[]) =>
  combination.includes('read') || combination.includes('admin');
const readers = combinations.filter(canRead);
const others = combinations.filter((combination) => !canRead(combination));

const canaries = ['ayamarket', 'benutrade', 'cirostore'];
const tenants: Tenant[] = [];
let alone: SecondServer;
const sockets: LiveSocket[] = [];

beforeAll(async () => {
  for (const canary of canaries) {
    const seeded = await seedWorkspace(server, canary);
    const keys = new Map<string, string>();
    for (const combination of combinations) {
      const request = { name: canary, scopes: combination };
      const { key } = await createKey(server.database, seeded.workspace.id, request);
      keys.set(String(combination), key);
    }
    tenants.push({ seeded, keys });
  }
  alone = await startSecondServer(server, { url: await prepareDatabase(server.databaseUrl) });
  return () => alone.end();
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  vi.restoreAllMocks();
});

async function connect(url: string, key: string | undefined) {
  const socket = await openLiveSocket(url, key ?? '');
  sockets.push(socket);
  return socket;
}

/** Several operations with the same stream and scopes, so that they differ in little else than what they select. */
const scenarios = fc
  .record({
    among: fc.shuffledSubarray(streams, { minLength: 2, maxLength: 2 }),
    by: fc.shuffledSubarray(readers, { minLength: 2, maxLength: 2 }),
    refused: fc.constantFrom(...others),
  })
  .chain(({ among, by, refused }) => {
    const operations = fc
      .record({ stream: fc.constantFrom(...among), seed: fc.integer() })
      .map(({ stream: chosen, seed }) => toOperation(chosen, seed));
    const group = fc.record({ operation: operations, scopes: fc.constantFrom(...by) });
    return fc.record({
      groups: fc.array(group, { minLength: 4, maxLength: 4 }),
      refused: fc.record({ operation: operations, scopes: fc.constant(refused) }),
    });
  });

const payloadOf = (text: string) => text.slice(text.indexOf('"payload":'));

const variablesOf = ({ stream: chosen }: Operation, seeded: SeededWorkspace, after: string) => ({
  after,
  ...chosen.variables(seeded),
});

const cursorQuery = '{ workspace { cursor } }';
const presentCursor = async ({ seeded }: Tenant) =>
  (await seeded.workspace.query<{ workspace: { cursor: string } }>(cursorQuery)).workspace.cursor;

const positionOf = (cursor: string) => Number(cursor.split('.')[1]);

/** Newcomers, an order and a merge, in one transaction. */
async function write({ seeded }: Tenant, round: number) {
  const { canary, workspace } = seeded;
  const event = 'Order Completed';
  const name = `${canary}-${round}`;
  const { status } = await workspace.send([
    { type: 'track', userId: `${name}-new`, event: canary },
    { type: 'track', userId: `${name}-buyer`, event, properties: { canary, total: 3 } },
    { type: 'page', anonymousId: `${name}-visitor`, name: canary },
    { type: 'track', userId: `${canary}-user`, event, properties: { canary, total: 4 } },
    {
      type: 'identify',
      userId: `${name}-buyer`,
      traits: { name: canary },
      anonymousId: `${name}-visitor`,
    },
  ]);
  expect(status).toBe(200);
}

interface Group {
  tenant: Tenant;
  operation: Operation;
  key: string | undefined;
  after: string;
  members: Array<LiveOperation<unknown>>;
}

async function openGroup(
  tenant: Tenant,
  { operation, scopes: combination }: { operation: Operation; scopes: Scope[] },
): Promise<Group> {
  const key = tenant.keys.get(String(combination));
  const after = await presentCursor(tenant);
  const socket = await connect(server.url, key);
  const variables = variablesOf(operation, tenant.seeded, after);
  const members = Array.from({ length: subscribersPerGroup }, () =>
    socket.subscribe(operation.query, variables),
  );
  return { tenant, operation, key, after, members };
}

async function countExpected({ tenant, operation, after }: Group) {
  const changes = await storedChanges(server, tenant.seeded.workspace);
  const isSelected = (change: StoredChange) =>
    change.position > positionOf(after) && operation.stream.selects(change, tenant.seeded);
  return changes.filter(isSelected).length;
}

/** What the only subscriber of another server is delivered in the same state. */
async function readAlone({ tenant, operation, key, after }: Group, count: number) {
  const socket = await connect(alone.url, key);
  const only = socket.subscribe(operation.query, variablesOf(operation, tenant.seeded, after));
  await only.until(() => only.texts.length >= count);
  socket.close();
  return only.texts.map(payloadOf);
}

/** Counts the results that a server serialises. */
function countSerialised() {
  let count = 0;
  const { stringify } = JSON;
  vi.spyOn(JSON, 'stringify').mockImplementation((...args: Parameters<typeof stringify>) => {
    const result = args[0] as { data?: unknown; extensions?: { cursor?: unknown } } | undefined;
    if (result?.data !== undefined && result.extensions?.cursor !== undefined) count += 1;
    return stringify(...args);
  });
  return () => {
    vi.restoreAllMocks();
    return count;
  };
}

async function refusalOf(url: string, tenant: Tenant, operation: Operation, scopesOf: Scope[]) {
  const socket = await connect(url, tenant.keys.get(String(scopesOf)));
  const variables = variablesOf(operation, tenant.seeded, tenant.seeded.cursor);
  const refused = socket.subscribe(operation.query, variables);
  return refused.until(() => refused.texts[0]).catch((error: Error) => error.message);
}

const total = { cases: 0, delivered: 0, serialised: 0, refused: 0 };
let round = 0;

it(
  `delivers to each of many subscribers what it would be delivered alone, and nothing of others, in ${runs} runs`,
  async () => {
    const property = fc.asyncProperty(scenarios, async ({ groups: requested, refused }) => {
      round += 1;
      // What depends on the present must not differ between the two servers.
      server.clock.now = new Date();
      const groups: Group[] = [];
      const stopCounting = countSerialised();
      for (const request of requested) {
        for (const tenant of tenants) groups.push(await openGroup(tenant, request));
      }
      await Promise.all(tenants.map((tenant) => write(tenant, round)));
      const counts = await Promise.all(groups.map(countExpected));
      for (const [index, { members }] of groups.entries()) {
        for (const one of members) await one.until(() => one.texts.length >= (counts[index] ?? 0));
      }
      total.serialised += stopCounting();

      for (const [index, group] of groups.entries()) {
        const reference = await readAlone(group, counts[index] ?? 0);
        const { canary } = group.tenant.seeded;
        const foreign = canaries.filter((other) => other !== canary);
        const payloads = group.members.map(({ texts }) => texts.map(payloadOf));
        for (const texts of payloads) expect(texts).toEqual(reference);
        const bytes = reference.join();
        expect(foreign.filter((other) => bytes.includes(other))).toEqual([]);
        total.delivered += payloads.flat().length;
        total.cases += payloads.length;
      }
      for (const tenant of tenants) {
        const { operation, scopes: combination } = refused;
        const shared = await refusalOf(server.url, tenant, operation, combination);
        expect(shared).toContain('FORBIDDEN');
        expect(shared).toBe(await refusalOf(alone.url, tenant, operation, combination));
        total.refused += 1;
      }
      for (const socket of sockets.splice(0)) socket.close();
    });
    await fc.assert(property, { numRuns: runs });
    process.stdout.write(`Shared deliveries: ${JSON.stringify(total)}\n`);
    expect(total.delivered).toBeGreaterThan(100 * runs);
    expect(1 - total.serialised / total.delivered).toBeGreaterThanOrEqual(0.95);
  },
  timeoutMs,
);
