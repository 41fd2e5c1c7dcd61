import { expect, it } from 'vitest';
import type { Change } from '../../../src/engine/changes/kinds.ts';
import { createLogPage } from '../../../src/engine/changes/log-page.ts';
import type { Interest } from '../../../src/engine/changes/topic.ts';
import { changeAt, createChangeLog, moveAt, positionsOf } from '../../support/change-log.ts';

/** A page after position 10. */
function openPage(changes: Change[]) {
  const log = createChangeLog();
  const page = createLogPage(log.database, 'w', { after: 10n, changes });
  return {
    log,
    page,
    select: async (interest: Interest) => positionsOf(await page.select(interest)),
  };
}

const moves = [
  moveAt(11, 'A', 'B'),
  moveAt(12, 'B', 'C'),
  changeAt(13),
  moveAt(14, 'A', 'C'),
  moveAt(15, 'C', 'A'),
];

it.each<[string, Interest, number[]]>([
  ['everything without a clause', [], [11, 12, 13, 14, 15]],
  ['one topic', [['to-stage:L/C']], [12, 14]],
  [
    'one of several topics, each change once, in order',
    [['to-stage:L/C', 'from-stage:L/A']],
    [11, 12, 14],
  ],
  [
    'a topic of every clause',
    [
      ['from-stage:L/A', 'from-stage:L/C'],
      ['to-stage:L/C', 'to-stage:L/A'],
    ],
    [14, 15],
  ],
  ['a kind', [['kind:CUSTOMER_CREATED']], [13]],
  ['nothing for a topic that no change has', [['kind:STAGE_CHANGED'], ['to-stage:L/D']], []],
  ['nothing for an empty list of topics', [['kind:STAGE_CHANGED'], []], []],
])('selects %s', async (_what, interest, expected) => {
  expect(await openPage(moves).select(interest)).toEqual(expected);
});

const byCustomer = [
  changeAt(11, { customerId: 'a' }),
  changeAt(12, { customerId: 'b' }),
  changeAt(13, { customerId: 'a' }),
];

it('looks topics up once for all who are interested in them', async () => {
  const { log, select } = openPage(byCustomer);

  const selected = await Promise.all([
    select([['customer:a']]),
    select([['customer:b']]),
    select([['kind:CUSTOMER_CREATED'], ['customer:a', 'customer:b']]),
  ]);

  expect(selected).toEqual([[11, 13], [12], [11, 12, 13]]);
  expect(log.lookups()).toBe(1);
});

it('looks nothing up that nobody is interested in', async () => {
  const { log, select } = openPage(byCustomer);

  await select([['kind:CUSTOMER_CREATED']]);

  expect(log.lookups()).toBe(0);
});

it('looks topics up again after a failure', async () => {
  const { log, select } = openPage(byCustomer);
  log.fail(new Error('away'));
  await expect(select([['customer:a']])).rejects.toThrow('away');

  log.fail();

  expect(await select([['customer:a']])).toEqual([11, 13]);
});

it('knows the topics of its changes, those of the look-ups included', async () => {
  const { log, page } = openPage([changeAt(11, { customerId: 'a' })]);

  expect([...(await page.topics([]))]).toEqual(['any:change', 'kind:CUSTOMER_CREATED']);
  expect(log.lookups()).toBe(0);
  expect(page).toMatchObject({ after: 10n, upTo: 11n });
});
