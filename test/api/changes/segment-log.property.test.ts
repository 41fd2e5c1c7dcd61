import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateDue } from '../../../src/engine/evaluation/evaluate-due.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  createWorkspaceByApi,
  createWorkspaceWithSegments,
  customerIds,
  sendInBatches,
} from '../../support/condition-workspace.ts';
import { randomHistories } from '../../support/random-events.ts';
import { filters } from '../../support/random-filter.ts';
import { afterAll, times, timeZones } from '../../support/random-times.ts';
import { createSegmentReference, type SegmentChange } from '../../support/reference-segments.ts';
import { type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 80);
const timeoutMs = 60_000 + runs * 2_000;
// Shrinking ends before the test times out, so that the seed is always reported.
const bounds = { interruptAfterTimeLimit: timeoutMs * 0.8, markInterruptAsFailure: true };

const scenarios = times.chain((scenarioTimes) =>
  fc.record({
    // One in five through the API; the others insert their segments directly, which is faster.
    open: fc.constantFrom(
      createWorkspaceByApi,
      createWorkspaceWithSegments,
      createWorkspaceWithSegments,
      createWorkspaceWithSegments,
      createWorkspaceWithSegments,
    ),
    history: randomHistories(scenarioTimes),
    sizes: fc.array(fc.constantFrom(1, 1, 2, 3, 5, 9, 40), { minLength: 1, maxLength: 8 }),
    timeZone: timeZones,
    segments: fc.record({
      FIRST: filters(scenarioTimes, { segments: [] }, 1),
      SECOND: filters(scenarioTimes, { segments: [] }, 2),
      THIRD: filters(scenarioTimes, { segments: ['FIRST'] }, 3),
      FOURTH: filters(scenarioTimes, { segments: ['SECOND', 'THIRD'] }, 2),
    }),
  }),
);

/** Evaluates the passage of time until the end, as the scheduler does. */
async function waitUntilEnd({ id }: TestWorkspace) {
  const options = { now: afterAll, isImporting: false };
  while ((await evaluateDue(server.database, id, options)).count > 0);
}

interface LogRow extends Omit<SegmentChange, 'customer' | 'at'> {
  customer: string;
  at: Date;
}

async function readSegmentLog(workspace: TestWorkspace) {
  const ids = await customerIds(server, workspace);
  return server.database.inWorkspace(workspace.id, async (db) => {
    const log = await db.query<LogRow>(sql`
      select c.customer_id as customer, s.key as segment, c.kind, c.at, c.data ->> 'cause' as cause,
        e.message_id as event, (c.data ->> 'late')::boolean as late
      from change c
      join segment s on s.workspace_id = ${workspace.id} and s.id = (c.data ->> 'segment')::uuid
      left join event e on e.workspace_id = ${workspace.id} and e.id = (c.data ->> 'event')::uuid
      where c.workspace_id = ${workspace.id} and c.kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT')
        order by c.position`);
    const members = await db.query<{ customer: string; segment: string; since: Date }>(sql`
      
      select m.customer_id as customer, s.key as segment, m.since
      from segment_member m join segment s on s.workspace_id = ${workspace.id} and s.id = m.segment_id
      where m.workspace_id = ${workspace.id}`);
    const numberOf = (id: string) => ids.indexOf(id);
    return {
      moves: log.rows.map(
        ({ customer, at, ...row }): SegmentChange => ({
          ...row,
          customer: numberOf(customer),
          at: at.toISOString(),
        }),
      ),
      members: members.rows.map(({ customer, segment, since }) => ({
        customer: numberOf(customer),
        segment,
        since: since.toISOString(),
      })),
    };
  });
}

/** The order between customers and between segments is not significant. */
const sortRows = <Row extends { customer: number; segment: string }>(rows: readonly Row[]) =>
  rows.toSorted((a, b) => a.customer - b.customer || a.segment.localeCompare(b.segment));

let count = 0;

it(
  'logs entries and exits of segments at their exact instants, for every division into batches',
  async () => {
    const property = fc.asyncProperty(scenarios, async ({ open, history, sizes, ...setting }) => {
      const workspace = await open(server, setting);
      const reference = createSegmentReference(setting);
      for (const call of history) reference.receive(call);
      reference.advanceAllTo(afterAll);

      await sendInBatches(server, workspace, history, sizes);
      await waitUntilEnd(workspace);

      const actual = await readSegmentLog(workspace);
      count += actual.moves.length;
      expect(sortRows(actual.moves)).toEqual(sortRows(reference.moves));
      expect(sortRows(actual.members)).toEqual(sortRows(reference.members()));
    });
    await fc.assert(property, { ...bounds, numRuns: runs });
    expect(count).toBeGreaterThan(runs);
  },
  timeoutMs,
);
