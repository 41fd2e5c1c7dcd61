import { expect, it } from 'vitest';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { countMatchesAt } from '../../../src/engine/conditions/history.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const day = (of: number) => new Date(Date.UTC(2025, 0, of, 12));
const days = [0, 1, 2, 3, 4, 5, 6, 7];

const call = (event: string, on: number, properties: object) => ({
  ...{ type: 'track', userId: 'u1', event, properties },
  ...{ messageId: `${event} ${on}`, timestamp: day(on).toISOString() },
});
const seen = call('Page Seen', 0, {});
const first = call('Order Completed', 1, { order_id: 'A', total: 40 });
const second = call('Order Completed', 3, { order_id: 'B', total: 4, currency: 'EUR' });
const refund = call('Order Refunded', 4, { order_id: 'A', total: 15 });
const cancelled = call('Order Cancelled', 6, { order_id: 'A' });

/** For each day the number of customers, of whom there is one, that matched. */
async function historyOf({ id: workspaceId, timeZone }: TestWorkspace, filter: Filter) {
  const counts = await server.database.inWorkspace(workspaceId, async (db) => {
    const condition = resolveFilter(parseFilter(filter), await loadVocabulary(db));
    return countMatchesAt(db, { workspaceId, timeZone }, condition, days.map(day));
  });
  return counts.map(({ count }) => count).join('');
}

const did = (more: object) => ({ did: { event: ['Order Completed'], ...more } }) as Filter;
const fact = (name: string, is: object) => ({ fact: { [name]: is } }) as unknown as Filter;

/** By filter: the days from 0 to 7 on which it held. */
const expected: Array<[Filter, string]> = [
  [fact('orderCount', { atLeast: 1 }), '01111111'],
  [fact('orderCount', { equals: 2 }), '00011100'],
  [fact('orderCount', { equals: 1 }), '01100011'],
  [fact('grossRevenue', { equals: 4000 }), '01111100'],
  [fact('refunded', { equals: 1500 }), '00001100'],
  [fact('netRevenue', { equals: 0 }), '10000011'],
  [fact('firstOrderAt', { before: day(2).toISOString() }), '01111100'],
  [fact('firstOrderAt', { withinLast: 'P4D' }), '01111010'],
  [did({ measure: { count: { equals: 2 } } }), '00011100'],
  [did({ measure: { sum: { property: 'total', is: { equals: 40 } } } }), '01111100'],
  [did({ measure: { count: { equals: 2 } }, window: { within: 'P4D' } }), '00011000'],
  [did({ measure: { last: { olderThan: 'P2D' } } }), '00000111'],
];

it.each([
  ['as they happened', [[seen], [first], [second], [refund], [cancelled]]],
  ['in one batch', [[seen, first, second, refund, cancelled]]],
  ['in another order', [[seen, cancelled], [refund], [second, first]]],
])('counts an order until it is cancelled, when reported %s', async (_how, batches) => {
  const workspace = await newWorkspace(server);
  for (const batch of batches) await workspace.send(batch);

  for (const [filter, held] of expected) {
    expect(await historyOf(workspace, filter), JSON.stringify(filter)).toBe(held);
  }
});
