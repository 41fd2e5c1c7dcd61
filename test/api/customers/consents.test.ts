import { beforeEach, expect, it } from 'vitest';
import { mergeCustomers, readCustomer, setConsent, undoMerge } from '../../support/edits.ts';
import { storedChanges } from '../../support/inspect.ts';
import { createBuiltSegment, memberIds } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T12:00:00.000Z`;
let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = new Date(day(1));
  workspace = await newWorkspace(server);
  await workspace.send([page('ada'), page('ben')]);
});

const page = (userId: string) => ({ type: 'page', userId, name: 'Home' });
const customer = (userId: string) => readCustomer(workspace, { userId });
const consentsOf = async (userId: string) =>
  (await customer(userId)).consents.map(
    ({ purpose, channel, granted }) => `${purpose}/${channel ?? 'all'}: ${granted}`,
  );

async function decide(userId: string, decision: object, on = 2) {
  server.clock.now = new Date(day(on));
  await setConsent(workspace, {
    customer: (await customer(userId)).id,
    purpose: 'news',
    ...decision,
  });
}

const identify = (userId: string, consent: unknown, on: number) => ({
  type: 'identify',
  userId,
  traits: { 'consent:news': consent },
  timestamp: day(on),
});

async function stateOf(userId: string, about: object = {}) {
  const states = ['GRANTED', 'DENIED', 'UNKNOWN'];
  const matches = states.map(async (is) => {
    const where = { consent: { purpose: 'news', ...about, is } };
    const { customers } = await workspace.query<{
      customers: { nodes: Array<{ userId: string }> };
    }>('query ($where: CustomerFilter!) { customers(where: $where) { nodes { userId } } }', {
      where,
    });
    return customers.nodes.some((one) => one.userId === userId) ? is : undefined;
  });
  return (await Promise.all(matches)).filter((is) => is !== undefined).join();
}

/** How many customers granted consent at each day from a day on. */
async function grantedFrom(first: number) {
  const { segmentHistory } = await workspace.query<{ segmentHistory: Array<{ count: number }> }>(
    `query ($where: CustomerFilter!, $from: DateTime!) {
       segmentHistory(where: $where, from: $from) { count }
     }`,
    { where: { consent: { purpose: 'news', is: 'GRANTED' } }, from: day(first) },
  );
  return segmentHistory.map(({ count }) => count);
}

it('applies a decision without a channel to every channel', async () => {
  await decide('ada', { granted: true });

  expect(await stateOf('ada')).toBe('GRANTED');
  expect(await stateOf('ada', { channel: 'email' })).toBe('GRANTED');
  expect(await stateOf('ben', { channel: 'email' })).toBe('UNKNOWN');
});

it('applies a decision about one channel to that channel only', async () => {
  await decide('ada', { channel: 'email', granted: true });

  expect(await stateOf('ada')).toBe('UNKNOWN');
  expect(await stateOf('ada', { channel: 'email' })).toBe('GRANTED');
  expect(await stateOf('ada', { channel: 'sms' })).toBe('UNKNOWN');
});

it('replaces decisions about single channels by a later one about all channels', async () => {
  await decide('ada', { channel: 'email', granted: true }, 2);
  await decide('ada', { granted: false }, 3);
  expect(await stateOf('ada', { channel: 'email' })).toBe('DENIED');
  expect(await consentsOf('ada')).toEqual(['news/all: false']);

  await decide('ada', { channel: 'sms', granted: true }, 4);

  expect(await stateOf('ada', { channel: 'email' })).toBe('DENIED');
  expect(await stateOf('ada', { channel: 'sms' })).toBe('GRANTED');
  expect(await consentsOf('ada')).toEqual(['news/all: false', 'news/sms: true']);
});

it('records when and where the customer decided', async () => {
  await decide('ada', { channel: 'phone', granted: true, source: 'call of Monday' });
  await workspace.send([identify('ada', false, 1)]);

  const { customer: found } = await workspace.query<{ customer: object }>(
    `{ customer(by: { userId: "ada" }) { consents {
       purpose channel granted at source event { name origin properties }
     } } }`,
  );

  expect(found).toEqual({
    consents: [
      {
        ...{ purpose: 'news', channel: null, granted: false, at: day(1), source: 'identify' },
        event: { name: 'identify', origin: 'CUSTOMER', properties: { 'consent:news': false } },
      },
      {
        ...{ purpose: 'news', channel: 'phone', granted: true, at: day(2) },
        source: 'call of Monday',
        event: {
          ...{ name: 'Consent Changed', origin: 'SYSTEM' },
          properties: {
            ...{ purpose: 'news', channel: 'phone', state: 'GRANTED' },
            source: 'call of Monday',
          },
        },
      },
    ],
  });
});

it('takes a consent back with null, and ignores a late call that is older', async () => {
  server.clock.now = new Date(day(9));
  await workspace.send([identify('ada', true, 4), identify('ada', null, 6)]);
  await workspace.send([identify('ada', true, 5)]);

  expect(await stateOf('ada')).toBe('UNKNOWN');
  expect(await consentsOf('ada')).toEqual([]);
});

it('answers for earlier instants, also from late calls', async () => {
  await decide('ada', { granted: true }, 3);
  await decide('ada', { granted: false }, 5);
  await workspace.send([identify('ben', true, 2)]);
  server.clock.now = new Date(day(6));

  expect(await grantedFrom(1)).toEqual([0, 1, 2, 2, 1, 1]);
});

it('moves customers into and out of segments', async () => {
  const segment = await createBuiltSegment(workspace, 'Readers', {
    consent: { purpose: 'news', channel: 'email', is: 'GRANTED' },
  });

  await decide('ada', { channel: 'email', granted: true }, 2);
  await decide('ben', { granted: true }, 2);
  expect(await memberIds(workspace, segment.key)).toEqual(['ada', 'ben']);

  await decide('ada', { granted: false }, 3);

  expect(await memberIds(workspace, segment.key)).toEqual(['ben']);
});

/** The kinds and instants of the moves into and out of segments. */
async function segmentMoves() {
  const changes = await storedChanges(server, workspace);
  return changes.flatMap(({ kind, at }) =>
    /^SEGMENT_(ENTERED|LEFT)$/.test(kind) ? `${kind} ${at.toISOString()}` : [],
  );
}

it.each([
  ['in time', [], [day(2), day(4)]],
  ['that are late', [{ ...page('ada'), timestamp: day(5) }], [day(5), day(5)]],
])('evaluates each of two decisions %s in one batch', async (_which, earlier, [enters, leaves]) => {
  await createBuiltSegment(workspace, 'Readers', { consent: { purpose: 'news', is: 'GRANTED' } });
  server.clock.now = new Date(day(9));
  await workspace.send(earlier);

  await workspace.send([identify('ada', true, 2), identify('ada', false, 4)]);

  expect(await segmentMoves()).toEqual([`SEGMENT_ENTERED ${enters}`, `SEGMENT_LEFT ${leaves}`]);
});

it('keeps a decision against an earlier one of the same batch that arrived later', async () => {
  await createBuiltSegment(workspace, 'Readers', { consent: { purpose: 'news', is: 'GRANTED' } });
  server.clock.now = new Date(day(9));

  await workspace.send([identify('ben', false, 5), identify('ben', true, 3)]);

  expect(await segmentMoves()).toEqual([]);
});

it('gives consents to the survivor of a merge, and to each customer again after it is undone', async () => {
  const segment = await createBuiltSegment(workspace, 'Readers', {
    consent: { purpose: 'news', is: 'GRANTED' },
  });
  await decide('ada', { granted: true }, 2);
  await decide('ben', { granted: false }, 3);
  const [into, from] = [await customer('ada'), await customer('ben')];
  const { merge } = await mergeCustomers(workspace, { from: from.id, into: into.id });
  expect(await consentsOf('ada')).toEqual(['news/all: false']);
  expect(await stateOf('ada')).toBe('DENIED');
  expect(await memberIds(workspace, segment.key)).toEqual([]);

  await undoMerge(workspace, merge?.id);

  expect([await consentsOf('ada'), await consentsOf('ben')]).toEqual([
    ['news/all: true'],
    ['news/all: false'],
  ]);
  expect([await stateOf('ada'), await stateOf('ben')]).toEqual(['GRANTED', 'DENIED']);
  expect(await memberIds(workspace, segment.key)).toEqual(['ada']);
});

it('names the state and the event that decided it in an explanation', async () => {
  await decide('ada', { granted: true }, 2);
  await decide('ada', { granted: false }, 3);

  const { customer: found } = await workspace.query<{ customer: object }>(
    `query ($where: CustomerFilter!) { customer(by: { userId: "ada" }) {
       why(of: { where: $where }) { holds clauses { actual evidence { name occurredAt } } }
     } }`,
    { where: { consent: { purpose: 'news', is: 'GRANTED' } } },
  );

  const evidence = [{ name: 'Consent Changed', occurredAt: day(3) }];
  expect(found).toEqual({ why: { holds: false, clauses: [{ actual: 'DENIED', evidence }] } });
});

it('refuses a filter that takes a consent for a trait', async () => {
  const { body } = await workspace.graphql(
    'query ($where: CustomerFilter!) { customers(where: $where) { totalCount } }',
    { where: { trait: { name: 'consent:news', is: { exists: true } } } },
  );

  expect(body.errors[0]).toMatchObject({
    message: 'where.trait: names a consent. Use the clause `consent`.',
    extensions: { code: 'INVALID_FILTER' },
  });
});

it('refuses an identify call whose purpose is empty or too long, and stores the others', async () => {
  const { body } = await workspace.send([
    { type: 'identify', userId: 'ada', traits: { 'consent:': true } },
    { type: 'identify', userId: 'ada', traits: { [`consent:${'x'.repeat(257)}`]: true } },
    identify('ada', true, 1),
  ]);

  expect(
    body.results.map(({ status, code }: { status: string; code?: string }) => code ?? status),
  ).toEqual(['INVALID_EVENT', 'INVALID_EVENT', 'accepted']);
});
