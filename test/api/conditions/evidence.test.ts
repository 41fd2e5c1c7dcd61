import { afterEach, expect, it } from 'vitest';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { explain } from '../../../src/engine/evaluation/explain.ts';
import type { Transaction } from '../../../src/platform/database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

const now = new Date('2026-04-01T12:00:00.000Z');

const identify = (traits: object) => ({ type: 'identify', traits });
const order = (total: number, category: string) => ({
  type: 'track',
  event: 'Order Completed',
  properties: { total, category },
});
const home = { type: 'page', name: 'Home' };

const history: Record<string, object> = {
  '01-01T12:00': identify({ plan: 'gold', seats: 3, 'tag:vip': true }),
  '01-02T12:00': order(10, 'a'),
  '01-10T12:00': home,
  '01-10T12:10': home,
  '01-20T12:00': order(40, 'b'),
  '02-01T12:00': identify({ plan: 'free', 'consent:ads': true }),
  '02-05T12:00': identify({ plan: 'gold', 'tag:vip': true, 'consent:ads': false }),
  '02-10T12:00': order(10, 'b'),
  '02-11T12:00': home,
};

async function openWorkspace() {
  server.clock.now = now;
  const workspace = await newWorkspace(server);
  await workspace.send(
    Object.entries(history).map(([at, call]) => ({
      ...call,
      userId: 'ada',
      messageId: at,
      timestamp: `2026-${at}:00.000Z`,
    })),
  );
  return workspace;
}

/** Explains a filter for the customer without some of its events, in a transaction that is rolled back. */
async function explainWithout(workspaceId: string, where: object, without: readonly string[]) {
  let answer: { holds: boolean; evidence: string[] } | undefined;
  const undone = new Error('Rolled back');
  const explained = server.database.inWorkspace(workspaceId, async (db) => {
    answer = await explainAfterDeleting(db, where, without);
    throw undone;
  });
  await expect(explained).rejects.toBe(undone);
  if (!answer) throw new Error('There is no answer');
  return answer;
}

async function explainAfterDeleting(db: Transaction, where: object, without: readonly string[]) {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from customer where workspace_id = ${db.workspaceId}`);
  const customerId = rows[0]?.id ?? '';
  await db.query(sql`
    delete from event where workspace_id = ${db.workspaceId} and message_id = any(${without})`);
  if (without.length > 0) await recomputeFacts(db, [customerId], 'UTC');
  const vocabulary = await loadVocabulary(db);
  const point = { customerId, at: now };
  const [whole] = await explain(db, vocabulary, parseFilter(where), point);
  const messages = await db.query<{ id: string; message: string }>(sql`
    select id, message_id as message from event where workspace_id = ${db.workspaceId}`);
  const names = new Map(messages.rows.map(({ id, message }) => [id, message]));
  const evidence = (whole?.eventIds ?? []).map((id) => names.get(id) ?? '');
  return { holds: whole?.holds ?? false, evidence };
}

const did = (measure: object, more: object = {}) => ({
  did: { event: ['Order Completed'], measure, ...more },
});
const trait = (name: string, is: object) => ({ trait: { name, is } });

/** Without the named events the answer is the opposite, and without fewer it is the same. */
const counted: Array<[object, string[]]> = [
  [{ fact: { orderCount: { atLeast: 2 } } }, ['02-10T12:00', '01-20T12:00']],
  [{ fact: { orderCount: { equals: 3 } } }, ['02-10T12:00']],
  [{ fact: { orderCount: { below: 2 } } }, ['02-10T12:00', '01-20T12:00']],
  [{ fact: { sessions: { atLeast: 2 } } }, ['02-11T12:00']],
  [{ fact: { activeDays: { above: 6 } } }, ['02-11T12:00', '02-10T12:00']],
  [{ fact: { netRevenue: { above: 3_000 } } }, ['01-20T12:00']],
  [{ fact: { grossRevenue: { above: 1_000 } } }, ['01-20T12:00', '02-10T12:00']],
  [did({ count: { atLeast: 2 } }), ['02-10T12:00', '01-20T12:00']],
  [did({ count: { atLeast: 1 } }, { window: { within: 'P60D' } }), ['02-10T12:00']],
  [did({ sum: { property: 'total', is: { atLeast: 50 } } }), ['01-20T12:00']],
  [did({ distinct: { property: 'category', is: { equals: 2 } } }), ['01-02T12:00']],
];

/** The named event states the value that decides. */
const stated: Array<[object, string[]]> = [
  [{ fact: { lastSeenAt: { olderThan: 'P30D' } } }, ['02-11T12:00']],
  [{ fact: { firstOrderAt: { olderThan: 'P30D' } } }, ['01-02T12:00']],
  [{ fact: { lastOrderAt: { withinLast: 'P90D' } } }, ['02-10T12:00']],
  [{ fact: { identified: true } }, ['01-01T12:00']],
  [did({ first: { before: '2026-01-15T00:00:00Z' } }), ['01-02T12:00']],
  [did({ last: { olderThan: 'P30D' } }), ['02-10T12:00']],
  [did({ max: { property: 'total', is: { equals: 40 } } }), ['01-20T12:00']],
  [did({ min: { property: 'total', is: { below: 20 } } }), ['02-10T12:00']],
  [trait('plan', { text: { equals: 'gold' } }), ['02-05T12:00']],
  [trait('plan', { text: { equals: 'free' } }), ['02-05T12:00']],
  [trait('seats', { number: { above: 2 } }), ['01-01T12:00']],
  [{ stage: { in: ['RETENTION'] } }, ['01-20T12:00']],
  [{ stage: { in: ['CONVERSION'], ever: true } }, ['01-02T12:00']],
  [{ tag: { in: ['vip', 'trial'] } }, ['02-05T12:00']],
  [{ tag: { notIn: ['vip'] } }, ['02-05T12:00']],
];

/** No event of the customer matters. */
const absent: Array<[object, string[]]> = [
  [{ fact: { orderCount: { below: 5 } } }, []],
  [{ fact: { lastSeenAt: { withinLast: 'P1D' } } }, []],
  [did({ count: { atMost: 3 } }), []],
  [{ did: { event: ['Never'], measure: { count: { equals: 0 } } } }, []],
  [trait('missing', { exists: false }), []],
];

const described = (cases: typeof counted) =>
  cases.map(([where, expected]) => ({ where, expected, name: JSON.stringify(where) }));

it.each(described([...counted, ...stated, ...absent]))(
  'names the events that decide, and no others: $name',
  async ({ where, expected }) => {
    const { id } = await openWorkspace();

    const { evidence } = await explainWithout(id, where, []);

    expect(evidence).toEqual(expected);
  },
);

it.each(described(counted))(
  'names of counted events the fewest without which the answer is the opposite: $name',
  async ({ where, expected }) => {
    const { id } = await openWorkspace();
    const { holds } = await explainWithout(id, where, []);

    expect((await explainWithout(id, where, expected)).holds).toBe(!holds);
    for (const kept of expected) {
      const fewer = expected.filter((one) => one !== kept);
      expect((await explainWithout(id, where, fewer)).holds).toBe(holds);
    }
  },
);
