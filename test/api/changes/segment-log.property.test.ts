import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateDue } from '../../../src/engine/evaluation/evaluate-due.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  customerIds,
  openBuiltWorld,
  openWorld,
  sendInBatches,
} from '../../support/condition-world.ts';
import { filters } from '../../support/random-filter.ts';
import { storiesOf } from '../../support/random-story.ts';
import { afterAll, times, timeZones } from '../../support/random-times.ts';
import { createSegmentFold, type SegmentMove } from '../../support/segment-fold.ts';
import { type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 80);
const patience = 60_000 + runs * 2_000;
// Shrinking ends before the test does, so that the seed is always said.
const bounds = { interruptAfterTimeLimit: patience * 0.8, markInterruptAsFailure: true };

const worlds = times.chain((around) =>
  fc.record({
    // One in five through the API; the others get their segments at once, for speed.
    open: fc.constantFrom(openBuiltWorld, openWorld, openWorld, openWorld, openWorld),
    history: storiesOf(around),
    sizes: fc.array(fc.constantFrom(1, 1, 2, 3, 5, 9, 40), { minLength: 1, maxLength: 8 }),
    timeZone: timeZones,
    segments: fc.record({
      FIRST: filters(around, { segments: [] }, 1),
      SECOND: filters(around, { segments: [] }, 2),
      THIRD: filters(around, { segments: ['FIRST'] }, 3),
      FOURTH: filters(around, { segments: ['SECOND', 'THIRD'] }, 2),
    }),
  }),
);

/** Lets time pass for everybody, as the scheduler does, up to the end. */
async function waitUntilEnd({ id }: TestWorkspace) {
  const options = { now: afterAll, isImporting: false };
  while ((await evaluateDue(server.database, id, options)).taken > 0);
}

interface LogRow extends Omit<SegmentMove, 'customer' | 'at'> {
  customer: string;
  at: Date;
}

async function outcomeOf(workspace: TestWorkspace) {
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
        ({ customer, at, ...row }): SegmentMove => ({
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

/** The order between customers, and between segments, says nothing. */
const each = <Row extends { customer: number; segment: string }>(rows: readonly Row[]) =>
  rows.toSorted((a, b) => a.customer - b.customer || a.segment.localeCompare(b.segment));

let count = 0;

it(
  'tells who enters and leaves segments at the instant at which it happens, however events are batched',
  async () => {
    const property = fc.asyncProperty(worlds, async ({ open, history, sizes, ...setting }) => {
      const workspace = await open(server, setting);
      const fold = createSegmentFold(setting);
      for (const call of history) fold.take(call);
      fold.wait(afterAll);

      await sendInBatches(server, workspace, history, sizes);
      await waitUntilEnd(workspace);

      const outcome = await outcomeOf(workspace);
      count += outcome.moves.length;
      expect(each(outcome.moves)).toEqual(each(fold.moves));
      expect(each(outcome.members)).toEqual(each(fold.members()));
    });
    await fc.assert(property, { ...bounds, numRuns: runs });
    expect(count).toBeGreaterThan(runs);
  },
  patience,
);
