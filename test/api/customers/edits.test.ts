import { beforeEach, describe, expect, it } from 'vitest';
import {
  addTag,
  mergeCustomers,
  readCustomer,
  setConsent,
  undoMerge,
  updateCustomer,
} from '../../support/edits.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const seen = '2026-01-01T12:00:00.000Z';
const later = '2026-02-10T12:00:00.000Z';
let workspace: TestWorkspace;

beforeEach(async () => {
  server.clock.now = new Date(seen);
  workspace = await newWorkspace(server);
  await workspace.send([
    identify('ada', { email: 'ada@example.com', name: 'Ada', plan: 'pro' }),
    { type: 'page', anonymousId: 'tablet', name: 'Home', timestamp: seen },
    identify('ben', { email: 'ben@example.com' }),
  ]);
  server.clock.now = new Date(later);
});

const identify = (userId: string, traits: object, timestamp = seen) => ({
  type: 'identify',
  userId,
  traits,
  timestamp,
});
const ada = () => readCustomer(workspace, { userId: 'ada' });
const ben = () => readCustomer(workspace, { userId: 'ben' });
const tablet = () => readCustomer(workspace, { anonymousId: 'tablet' });

async function eventsOf(userId: string) {
  const { customer } = await workspace.query<{
    customer: { events: { nodes: Array<{ name: string; origin: string; context: object }> } };
  }>(
    `query ($userId: String!) { customer(by: { userId: $userId }) {
       events { nodes { name origin context } }
     } }`,
    { userId },
  );
  return customer.events.nodes;
}

async function whoMatches(where: object) {
  const { customers } = await workspace.query<{ customers: { nodes: Array<{ userId: string }> } }>(
    'query ($where: CustomerFilter!) { customers(where: $where) { nodes { userId } } }',
    { where },
  );
  return customers.nodes.map(({ userId }) => userId).sort();
}

const editAll = async (id: string) => {
  await addTag(workspace, id, 'vip');
  await setConsent(workspace, { customer: id, purpose: 'ads', granted: true });
  await updateCustomer(workspace, { customer: id, traits: { plan: 'free' } });
};

describe('the activity of an edited customer', () => {
  it('stays as it was', async () => {
    const before = await ada();

    await editAll(before.id);

    const { firstSeenAt, lastSeenAt, eventCount, activeDays, sessionCount } = before;
    expect(await ada()).toMatchObject({
      ...{ firstSeenAt, lastSeenAt, eventCount, activeDays, sessionCount },
      ...{ tags: ['vip'], traits: { plan: 'free' } },
    });
  });

  it('stays as it was after facts are recomputed', async () => {
    const before = await ada();
    await editAll(before.id);
    const { merge } = await mergeCustomers(workspace, {
      from: (await tablet()).id,
      into: before.id,
    });
    await undoMerge(workspace, merge?.id);

    const { lastSeenAt, eventCount, activeDays } = before;
    expect(await ada()).toMatchObject({ lastSeenAt, eventCount, activeDays });
  });

  it('counts a late event on a day with an edit as a new active day', async () => {
    const { id } = await ada();
    await addTag(workspace, id, 'vip');

    await workspace.send([identify('ada', {}, later)]);

    expect(await ada()).toMatchObject({ activeDays: 2, eventCount: 2, lastSeenAt: later });
  });

  it('matches no condition on recent activity, nor on identify, in queries, segments and the past', async () => {
    const recent = { fact: { lastSeenAt: { withinLast: 'P7D' } } };
    const identified = {
      did: { event: ['identify'], kind: 'IDENTIFY', window: { within: 'P7D' } },
    };
    await createBuiltSegment(workspace, 'RECENT', recent);
    await createBuiltSegment(workspace, 'IDENTIFIED', identified);
    await editAll((await ada()).id);

    const conditions = [recent, identified, ...['RECENT', 'IDENTIFIED'].map(memberOf)];
    for (const where of conditions) expect(await whoMatches(where)).toEqual([]);
    for (const where of conditions) expect(await countAt(where, later)).toBe(0);
  });

  it('is that of its own calls, whatever origin they claim', async () => {
    await workspace.send([{ ...identify('ada', {}, later), origin: 'SYSTEM', customerIds: ['x'] }]);

    expect(await ada()).toMatchObject({ eventCount: 2, lastSeenAt: later });
    expect((await eventsOf('ada')).map(({ origin }) => origin)).toEqual(['CUSTOMER', 'CUSTOMER']);
  });

  it('matches a condition that names the edit', async () => {
    await editAll((await ada()).id);
    const did = (event: string, kind: string) => ({ did: { event: [event], kind } });

    expect(await whoMatches(did('Tags Changed', 'IDENTIFY'))).toEqual(['ada']);
    expect(await whoMatches(did('Consent Changed', 'TRACK'))).toEqual(['ada']);
    expect(await whoMatches(did('Customer Updated', 'IDENTIFY'))).toEqual(['ada']);
  });
});

const memberOf = (key: string) => ({ segment: { in: [key] } });

/** The number of matching customers at an instant, computed from the history. */
async function countAt(where: object, at: string) {
  const { segmentHistory } = await workspace.query<{ segmentHistory: Array<{ count: number }> }>(
    `query ($where: CustomerFilter!, $from: DateTime!) {
       segmentHistory(where: $where, from: $from) { count }
     }`,
    { where, from: at },
  );
  return segmentHistory.at(-1)?.count;
}

describe('updateCustomer', () => {
  it('corrects the address, the name and traits as one event of the key', async () => {
    const { id } = await ada();

    await updateCustomer(workspace, {
      ...{ customer: id, email: 'countess@example.com', name: 'Countess' },
      traits: { plan: 'free', seats: 3 },
    });

    expect(await ada()).toMatchObject({
      ...{ email: 'countess@example.com', name: 'Countess' },
      traits: { plan: 'free', seats: 3 },
    });
    const [edit, ...others] = await eventsOf('ada');
    expect(edit).toMatchObject({ name: 'Customer Updated', origin: 'SYSTEM' });
    expect(edit?.context).toEqual({ keyId: expect.any(String) });
    expect(others).toMatchObject([{ name: 'identify', origin: 'CUSTOMER' }]);
  });

  it('removes what is null and keeps what is absent', async () => {
    const { id } = await ada();

    await updateCustomer(workspace, { customer: id, email: null, traits: { plan: null } });

    expect(await ada()).toMatchObject({ email: null, name: 'Ada', traits: { name: 'Ada' } });
    expect(await whoMatches({ trait: { name: 'plan', is: { exists: true } } })).toEqual([]);
  });

  it('finds a customer by the corrected address, and no longer by the previous one', async () => {
    await updateCustomer(workspace, { customer: (await ada()).id, email: 'new@example.com' });
    const found = await readCustomer(workspace, { email: 'New@example.com' });

    expect(found.userId).toBe('ada');
    expect(await whoMatches({ trait: { name: 'email', is: { exists: true } } })).toEqual([
      'ada',
      'ben',
    ]);
  });

  it('merges nobody with an address of another customer', async () => {
    await updateCustomer(workspace, { customer: (await tablet()).id, email: 'ben@example.com' });

    expect(await tablet()).toMatchObject({ userId: null, email: 'ben@example.com' });
    expect(await ben()).toMatchObject({ email: 'ben@example.com', eventCount: 1 });
  });

  it('is not overwritten by an earlier event that arrives late', async () => {
    await updateCustomer(workspace, { customer: (await ada()).id, traits: { plan: 'free' } });

    await workspace.send([identify('ada', { plan: 'team' }, '2026-02-09T12:00:00.000Z')]);

    expect((await ada()).traits).toMatchObject({ plan: 'free' });
  });

  it('stays with the customer that it corrected after an undone merge', async () => {
    const { merge } = await mergeCustomers(workspace, {
      from: (await ben()).id,
      into: (await ada()).id,
    });
    await updateCustomer(workspace, { customer: (await ben()).id, traits: { plan: 'both' } });

    await undoMerge(workspace, merge?.id);

    expect((await ada()).traits).toMatchObject({ plan: 'both' });
    expect((await ben()).traits).not.toHaveProperty('plan');
  });

  it.each<[string, object, string]>([
    ['nothing to correct', {}, 'INVALID_INPUT'],
    ['traits that are no object', { traits: ['a'] }, 'INVALID_INPUT'],
    ['a text that is no address', { email: 'ada' }, 'INVALID_INPUT'],
    ['an address in traits that is none', { traits: { email: 'ada' } }, 'INVALID_INPUT'],
    ['a value that is passed twice', { name: 'A', traits: { name: 'B' } }, 'INVALID_INPUT'],
    ['a tag among the traits', { traits: { 'tag:vip': true } }, 'INVALID_INPUT'],
    ['a consent among the traits', { traits: { 'consent:ads': true } }, 'INVALID_INPUT'],
    ['a blank name', { name: ' ' }, 'INVALID_INPUT'],
    ['a text that cannot be stored', { traits: { a: '\0' } }, 'INVALID_INPUT'],
    ['traits that are too long', { traits: { a: 'x'.repeat(40_000) } }, 'INVALID_INPUT'],
    ['an unknown customer', { customer: crypto.randomUUID(), name: 'A' }, 'NOT_FOUND'],
  ])('refuses %s and changes nothing', async (_what, variables, code) => {
    const before = await ada();

    const refused = await updateCustomer(workspace, { customer: before.id, ...variables });

    expect(refused).toEqual({ code, message: expect.stringMatching(/\.$/) });
    expect(await ada()).toEqual(before);
  });
});

describe('identify', () => {
  it('corrects and removes traits, names and the address', async () => {
    await workspace.send([
      identify('ada', { email: 'new@example.com', name: null, plan: null, seats: 3 }, later),
    ]);
    expect(await ada()).toMatchObject({
      email: 'new@example.com',
      name: null,
      traits: { seats: 3 },
    });

    await workspace.send([identify('ada', { email: null, firstName: 'Ada' }, later)]);

    expect(await ada()).toMatchObject({ email: null, name: 'Ada' });
    expect(await whoMatches({ trait: { name: 'email', is: { exists: true } } })).toEqual(['ben']);
  });
});
