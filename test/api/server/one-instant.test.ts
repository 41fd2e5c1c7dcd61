import { afterEach, expect, it } from 'vitest';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  Object.defineProperty(server.clock, 'now', { value: undefined, writable: true });
});

/** Moves on by a second whenever it is read. */
function startRestlessClock() {
  let time = Date.now();
  Object.defineProperty(server.clock, 'now', {
    configurable: true,
    get: () => {
      time += 1_000;
      return new Date(time);
    },
  });
}

it('answers all fields of one operation for the same instant', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([{ type: 'page', userId: 'ada' }]);
  startRestlessClock();
  const why = 'why(of: { where: { all: [] } }) { at }';

  const { a, b, stageCounts } = await workspace.query<{
    a: { why: { at: string } };
    b: { why: { at: string } };
    stageCounts: { at: string };
  }>(`{ a: customer(by: { userId: "ada" }) { ${why} } stageCounts { at }
    b: customer(by: { userId: "ada" }) { ${why} } }`);

  expect([b.why.at, stageCounts.at]).toEqual([a.why.at, a.why.at]);
});
