import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { evaluateDue } from '../../../src/engine/evaluation/evaluate-due.ts';
import { createBuiltLifecycle, stageInput } from '../../support/lifecycles.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 5);

afterEach(() => {
  server.clock.now = undefined;
});

const begin = Date.parse('2026-03-01T00:00:00Z');
const msPerHour = 3_600_000;
const toText = (at: number) => new Date(at).toISOString();

const did = (event: string, within: string, count = 1) => ({
  did: { event: [event], window: { within }, measure: { count: { atLeast: count } } },
});
const inStages = (keys: string[], more: object = {}) => ({
  stage: { lifecycle: 'TRIAL', in: keys, ...more },
});

const rules = fc.oneof(
  fc.constantFrom(
    did('Tried', 'P1D'),
    did('Tried', 'P2D', 2),
    did('Left', 'PT30H'),
    { fact: { lastSeenAt: { olderThan: 'P3D' } } },
    { fact: { firstSeenAt: { withinLast: 'P4D' } } },
    { all: [did('Tried', 'P5D'), { fact: { lastSeenAt: { olderThan: 'PT12H' } } }] },
  ),
  // A stage may refer to where the customer was in its own lifecycle.
  fc.constantFrom('A', 'B', 'C').map((key) => inStages([key], { within: 'P2D' })),
);

const asked = [
  inStages(['A']),
  inStages(['B', 'C']),
  inStages(['C'], { forAtLeast: 'P1D' }),
  inStages(['B'], { enteredWithin: 'PT20H' }),
  inStages(['A'], { within: 'P1D' }),
  inStages(['C'], { ever: true }),
  { all: [inStages(['A', 'B']), { fact: { lastSeenAt: { olderThan: 'P1D' } } }] },
  { any: [{ segment: { in: ['SETTLED'] } }, did('Tried', 'PT12H')] },
  { stage: { lifecycle: 'OUTER', in: ['WITHIN'] } },
  { not: { segment: { in: ['SETTLED'] } } },
  { any: [did('Tried', 'P2D'), { fact: { lastSeenAt: { olderThan: 'PT30H' } } }] },
  {
    did: {
      event: ['Tried', 'Left'],
      window: { within: 'P3D' },
      measure: { last: { olderThan: 'PT10H' } },
    },
  },
];

const scenarios = fc.record({
  stages: fc.tuple(rules, rules, rules),
  stay: fc.option(fc.constantFrom(did('Tried', 'P6D'), { fact: { events: { atLeast: 2 } } })),
  events: fc.array(
    fc.record({
      userId: fc.constantFrom('u1', 'u2', 'u3'),
      event: fc.constantFrom('Tried', 'Tried', 'Left'),
      hour: fc.integer({ min: 0, max: 96 }),
    }),
    { minLength: 4, maxLength: 12 },
  ),
});

type Scenario = typeof scenarios extends fc.Arbitrary<infer Value> ? Value : never;

/** A lifecycle with random rules, a segment of its stages and a lifecycle that follows both. */
async function openWorkspace({ stages: [a, b, c], stay, events }: Scenario) {
  server.clock.now = new Date(begin + 96 * msPerHour);
  const workspace = await newWorkspace(server);
  await createBuiltLifecycle(workspace, 'TRIAL', [
    stageInput('REST', { all: [] }),
    stageInput('A', a),
    { ...stageInput('B', b), ...(stay && { stay }) },
    stageInput('C', c),
  ]);
  await createBuiltSegment(workspace, 'SETTLED', inStages(['B', 'C'], { forAtLeast: 'PT6H' }));
  await createBuiltLifecycle(workspace, 'OUTER', [
    stageInput('OUTSIDE', { all: [] }),
    stageInput('WITHIN', { any: [{ segment: { in: ['SETTLED'] } }, inStages(['A'])] }),
  ]);
  await workspace.send(
    events.map(({ hour, ...event }) => ({
      type: 'track',
      ...event,
      timestamp: toText(begin + hour * msPerHour),
    })),
  );
  return workspace;
}

async function advanceTo({ id }: TestWorkspace, at: number) {
  server.clock.now = new Date(at);
  while ((await evaluateDue(server.database, id, { now: new Date(at), isImporting: false })).count);
}

interface Forecast {
  where: object;
  holds: boolean;
  /** Infinite for never. */
  next: number;
}

async function forecastOf(workspace: TestWorkspace, where: object): Promise<Map<string, Forecast>> {
  const { customers } = await workspace.query<{
    customers: {
      nodes: Array<{ userId: string; why: { holds: boolean; nextChangeAt: string | null } }>;
    };
  }>(
    `query ($where: CustomerFilter!) { customers { nodes { userId
      why(of: { where: $where }) { holds nextChangeAt } } } }`,
    { where },
  );
  return new Map(
    customers.nodes.map(({ userId, why: { holds, nextChangeAt } }) => [
      userId,
      { where, holds, next: nextChangeAt === null ? Infinity : Date.parse(nextChangeAt) },
    ]),
  );
}

async function matching(workspace: TestWorkspace, where: object): Promise<Set<string>> {
  const { customers } = await workspace.query<{ customers: { nodes: Array<{ userId: string }> } }>(
    'query ($where: CustomerFilter!) { customers(where: $where) { nodes { userId } } }',
    { where },
  );
  return new Set(customers.nodes.map(({ userId }) => userId));
}

let changes = 0;

it(
  'names the instant at which time alone changes the answer, through the moves that rules make until then',
  async () => {
    const property = fc.asyncProperty(scenarios, async (scenario) => {
      const workspace = await openWorkspace(scenario);
      const now = begin + 96 * msPerHour;
      await advanceTo(workspace, now);
      const forecasts = await Promise.all(asked.map((where) => forecastOf(workspace, where)));
      const all = forecasts.flatMap((byUser) => [...byUser.values()]);
      const edges = all.flatMap(({ next }) => (next === Infinity ? [] : [next - 1, next]));
      const regular = Array.from({ length: 15 }, (_, day) => now + day * 20 * msPerHour);

      for (const at of [...new Set([...edges, ...regular])].sort((a, b) => a - b)) {
        await advanceTo(workspace, at);
        for (const [index, where] of asked.entries()) {
          const matches = await matching(workspace, where);
          for (const [userId, { holds, next }] of forecasts[index] ?? []) {
            if (at > next) continue;
            const message = `${userId} at ${toText(at)}: ${JSON.stringify(where)}`;
            expect(matches.has(userId), message).toBe(at < next ? holds : !holds);
          }
        }
      }
      changes += all.filter(({ next }) => next < Infinity).length;
    });
    await fc.assert(property, { numRuns: runs });
    expect(changes).toBeGreaterThan(runs);
  },
  60_000 + runs * 20_000,
);
