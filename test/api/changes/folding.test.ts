import { expect, it } from 'vitest';
import { foldChanges, readLog, readState } from '../../support/fold-changes.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const view = (anonymousId: string, timestamp: string) => ({
  type: 'page',
  name: 'Home',
  anonymousId,
  timestamp,
});

it('records each change for the customer of that time, so that they add up after a merge', async () => {
  const workspace = await newWorkspace(server);
  await createBuiltSegment(workspace, 'SINGLE', { fact: { sessions: { equals: 1 } } });
  await workspace.send([view('v', '2026-06-01T10:00:00Z'), view('v', '2026-06-01T12:00:00Z')]);
  await workspace.send([view('b', '2026-06-01T13:00:00Z')]);
  const email = { type: 'identify', traits: { email: 'v@example.com' } };
  await workspace.send([
    { ...email, anonymousId: 'v', timestamp: '2026-06-01T14:00:00Z' },
    { ...email, anonymousId: 'b', timestamp: '2026-06-01T14:01:00Z' },
  ]);
  const log = await readLog(workspace);
  const ids = [...new Set(log.map(({ customerId }) => customerId))];

  const moves = log
    .filter(({ __typename }) => /^Segment|Merged$/.test(__typename))
    .map(({ __typename, customerId }) => [__typename, ids.indexOf(customerId)]);

  expect(moves).toEqual([
    ['SegmentEntered', 0],
    ['SegmentLeft', 0],
    ['SegmentEntered', 1],
    ['CustomerMerged', 0],
  ]);
  expect(foldChanges({}, log)).toEqual((await readState(workspace)).state);
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(
    '{ customers(where: { segment: { in: ["SINGLE"] } }) { totalCount } }',
  );
  expect(customers.totalCount).toBe(0);
});
