import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldChanges, readLog, readState } from '../../support/fold-changes.ts';
import { createBuiltLifecycle, stageInput } from '../../support/lifecycles.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { interfere, randomCall } from '../../support/random-moves.ts';
import { changeList, createBuiltSegment, createTestSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 12);

const done = (count: object) => ({ did: { event: ['Tried'], measure: { count } } });

/** A workspace whose definitions depend on each other; not every customer has a place in the second lifecycle. */
async function openWorkspace() {
  const workspace = await newWorkspace(server);
  await createTestSegment(workspace, { name: 'LIST' });
  await createTestSegment(workspace, { name: 'OTHER' });
  await createBuiltSegment(workspace, 'ONCE', done({ equals: 1 }));
  await createBuiltSegment(workspace, 'EITHER', { segment: { in: ['LIST', 'ONCE'] } });
  await createBuiltLifecycle(workspace, 'TRIAL', [
    stageInput('TRYING', done({ between: { from: 1, to: 2 } })),
    stageInput('TRIED', { all: [done({ atLeast: 3 }), { segment: { notIn: ['OTHER'] } }] }),
    stageInput('BACK', {
      all: [done({ equals: 2 }), { stage: { lifecycle: 'TRIAL', in: ['TRIED'], ever: true } }],
    }),
  ]);
  return workspace;
}

async function changeRandomList(workspace: TestWorkspace, random: SeededRandom) {
  const field = random.between(0, 2) > 0 ? 'addSegmentMembers' : 'removeSegmentMembers';
  const users = Array.from({ length: 4 }, () => `u${random.between(1, 12)}`);
  await changeList(workspace, field, random.between(0, 1) ? 'LIST' : 'OTHER', users);
}

async function act(workspace: TestWorkspace, random: SeededRandom) {
  const action = random.between(0, 4);
  if (action === 0) return interfere(workspace, random);
  if (action === 1) return changeRandomList(workspace, random);
  const calls = Array.from({ length: random.between(1, 6) }, () => randomCall(random));
  await workspace.send(calls);
}

const counts = `query ($where: CustomerFilter!, $now: DateTime!) {
  customers(where: $where) { totalCount }
  segmentHistory(where: $where, from: $now, to: $now) { count }
}`;

/** Filters on earlier stages, and how many customers match by the stored state and by the log. */
async function countEarlierStages(workspace: TestWorkspace) {
  const limits = [{ ever: true }, { within: 'PT1H' }];
  const stages = [
    { in: ['REACH'] },
    { in: ['ACQUISITION', 'CONVERSION'] },
    { in: ['RETENTION', 'LOYALTY'] },
    { lifecycle: 'TRIAL', in: ['TRYING'] },
    { lifecycle: 'TRIAL', in: ['TRIED', 'BACK'] },
  ];
  const filters = stages.flatMap((stage) =>
    limits.map((limit) => ({ stage: { ...stage, ...limit } })),
  );
  const now = new Date().toISOString();
  return Promise.all(
    filters.map(async (where) => {
      const answer = await workspace.query<{
        customers: { totalCount: number };
        segmentHistory: Array<{ count: number }>;
      }>(counts, { where, now });
      return {
        where,
        stored: answer.customers.totalCount,
        logged: answer.segmentHistory[0]?.count,
      };
    }),
  );
}

it(
  'yields the state if a client adds up the changes, and the same earlier stages from the log as from the state',
  async () => {
    const property = fc.asyncProperty(fc.integer(), fc.nat({ max: 24 }), async (seed, turn) => {
      const random = createRandom(seed);
      const workspace = await openWorkspace();
      for (let count = 0; count < turn; count += 1) await act(workspace, random);
      const begin = await readState(workspace);
      for (let count = turn; count < 25; count += 1) await act(workspace, random);

      const { state } = await readState(workspace);

      expect(foldChanges({}, await readLog(workspace))).toEqual(state);
      expect(foldChanges(begin.state, await readLog(workspace, begin.cursor))).toEqual(state);
      for (const { where, stored, logged } of await countEarlierStages(workspace)) {
        expect(logged, JSON.stringify(where)).toBe(stored);
      }
    });
    await fc.assert(property, { numRuns: runs });
  },
  60_000 + runs * 10_000,
);
