import { afterAll, expect, it, vi } from 'vitest';
import { domains } from '../../../src/domains.ts';
import { installExtensions } from '../../../src/engine/extensions.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

// Installs domains of its own: the modules that remember those installed are loaded anew, here and for the next file.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

const few = domains.filter(({ extension }) =>
  ['records', 'lifecycles', 'segments'].includes(extension.name),
);
installExtensions(few.map(({ extension }) => extension));

const server = useServer({}, few);

const order = { type: 'track', userId: 'ada', event: 'Order Completed', messageId: 'm-1' };

it('serves stages, segments and their changes with only the domains records, lifecycles and segments', async () => {
  const workspace = await newWorkspace(server);
  const { query, send } = workspace;
  await createBuiltSegment(workspace, 'Buyers', { fact: { orderCount: { atLeast: 1 } } });

  const { body } = await send([{ ...order, properties: { order_id: '1', total: 12.5 } }]);
  const { customer, changes } = await query<{
    customer: { orderCount: number; stage: { stage: { key: string } }; segments: unknown };
    changes: { changes: Array<{ __typename: string }> };
  }>(`{
    customer(by: { userId: "ada" }) {
      orderCount stage { stage { key } } segments { segment { key } }
    }
    changes(first: 10) { ... on ChangePage { changes { __typename } } }
  }`);

  expect(body).toMatchObject({ success: true });
  expect(customer).toMatchObject({
    orderCount: 1,
    stage: { stage: { key: 'CONVERSION' } },
    segments: [{ segment: { key: 'BUYERS' } }],
  });
  expect(changes.changes.map(({ __typename }) => __typename)).toEqual(
    expect.arrayContaining(['StageChanged', 'SegmentEntered']),
  );
});

it('has no types, fields and filters of unlisted domains', async () => {
  const { graphql } = await newWorkspace(server);
  const { body } = await graphql(`{
    filter: __type(name: "CustomerFilter") { inputFields { name } }
    customer: __type(name: "Customer") { fields { name } }
    task: __type(name: "Task") { name }
    model: __type(name: "ChurnModel") { name }
  }`);

  const names = (list: Array<{ name: string }>) => list.map(({ name }) => name);
  expect(body.data).toMatchObject({ task: null, model: null });
  expect(names(body.data.filter.inputFields)).not.toContain('risk');
  expect(names(body.data.customer.fields)).not.toContain('risk');
});
