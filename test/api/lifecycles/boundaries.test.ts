import { afterEach, expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const at = (day: string, ms = 0) => new Date(Date.parse(`${day}T12:00:00.000Z`) + ms).toISOString();

/** A visitor that is merged into a user on March 1 and separated on May 1. */
async function mergedForAWhile(): Promise<TestWorkspace> {
  server.clock.now = new Date(at('2026-05-01'));
  const workspace = await newWorkspace(server);
  const order = { type: 'track', userId: 'u1', event: 'Order Completed' };
  await workspace.send([
    { type: 'page', anonymousId: 'a1', timestamp: at('2026-01-01') },
    { ...order, timestamp: at('2026-01-02') },
    { ...order, timestamp: at('2026-01-03') },
    { type: 'page', userId: 'u1', anonymousId: 'a1', timestamp: at('2026-03-01') },
  ]);
  const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
    '{ customer(by: { userId: "u1" }) { merges { id } } }',
  );
  const undone = await workspace.query(
    'mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }',
    { id: customer.merges[0]?.id },
  );
  expect(undone).toEqual({ undoMerge: { __typename: 'UndoMergePayload' } });
  return workspace;
}

async function stageOf(workspace: TestWorkspace, by: object, instant: string) {
  const { customer } = await workspace.query<{
    customer: { asOf: { stage: { stageKey: string } | null } };
  }>(
    `query ($by: CustomerBy!, $at: DateTime!) {
      customer(by: $by) { asOf(at: $at) { stage { stageKey } } } }`,
    { by, at: instant },
  );
  return customer.asOf.stage?.stageKey ?? null;
}

it('finds the stage of a visitor who was merged for a while, to the millisecond', async () => {
  const workspace = await mergedForAWhile();
  const instants = {
    beforeFirstEvent: at('2026-01-01', -1),
    firstEvent: at('2026-01-01'),
    beforeMerge: at('2026-03-01', -1),
    merge: at('2026-03-01'),
    beforeSeparation: at('2026-05-01', -1),
    separation: at('2026-05-01'),
  };

  const found = await Promise.all(
    Object.entries(instants).map(async ([name, instant]) => [
      name,
      await stageOf(workspace, { anonymousId: 'a1' }, instant),
    ]),
  );

  expect(Object.fromEntries(found)).toEqual({
    beforeFirstEvent: null,
    firstEvent: 'REACH',
    beforeMerge: 'REACH',
    merge: 'RETENTION',
    beforeSeparation: 'RETENTION',
    separation: 'REACH',
  });
});

it('counts the open stay of a visitor after a merge was undone', async () => {
  const workspace = await mergedForAWhile();

  const { timeInStage } = await workspace.query<{
    timeInStage: Array<{ stageKey: string; open: { count: number; median: string | null } }>;
  }>('query ($to: DateTime!) { timeInStage(to: $to) { stageKey open { count median } } }', {
    to: at('2026-05-11'),
  });

  expect(timeInStage.filter(({ open }) => open.count > 0)).toEqual([
    { stageKey: 'REACH', open: { count: 1, median: 'P10D' } },
    { stageKey: 'RETENTION', open: { count: 1, median: expect.any(String) } },
  ]);
});
