import { expect, it } from 'vitest';
import { newWorkspace, useServer } from '../support/server.ts';

const server = useServer();

it('moves a customer through the stages as orders come in', async () => {
  const workspace = await newWorkspace(server);

  const answer = await workspace.send([
    { type: 'page', anonymousId: 'a1', name: 'Home' },
    { type: 'identify', userId: 'u1', anonymousId: 'a1', traits: { email: 'u1@example.com' } },
    { type: 'track', userId: 'u1', event: 'Order Completed', properties: { total: 12.34 } },
  ]);
  const data = await workspace.query<{ customer: unknown }>(
    `{ customer(by: { userId: "u1" }) { orders email stage { stage { key } } } }`,
  );

  expect(answer.status).toBe(200);
  expect(data.customer).toEqual({
    orders: 1,
    email: 'u1@example.com',
    stage: { stage: { key: 'CONVERSION' } },
  });
});
