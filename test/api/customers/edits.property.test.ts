import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  addTag,
  mergeCustomers,
  readCustomer,
  setConsent,
  undoMerge,
  updateCustomer,
} from '../../support/edits.ts';
import { createEditReference, type Decision, type Person } from '../../support/reference-edits.ts';
import { createBuiltSegment, memberIds } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 30);
const timeoutMs = 60_000 + runs * 4_000;
const bounds = { interruptAfterTimeLimit: timeoutMs * 0.8, markInterruptAsFailure: true };

const people: Person[] = ['u1', 'u2', 'u3'];
const purposes = ['news', 'ads'];
const channels = [null, 'email', 'sms'];
const timeZone = 'America/New_York';
const msPerHour = 3_600_000;
const start = Date.parse('2026-01-01T00:00:00Z');

const person = fc.constantFrom(...people);
const plan = fc.constantFrom('free', 'pro', null);
const decision: fc.Arbitrary<Decision> = fc.record({
  purpose: fc.constantFrom(...purposes),
  channel: fc.constantFrom(...channels),
  granted: fc.boolean(),
});
const called: fc.Arbitrary<Decision> = fc.record({
  purpose: fc.constantFrom(...purposes),
  channel: fc.constant(null),
  granted: fc.constantFrom(true, false, null),
});

type Step = { hours: number } & (
  | { kind: 'call'; of: Person; hoursAgo: number; plan: string | null; decision: Decision }
  | { kind: 'tag'; of: Person }
  | { kind: 'update'; of: Person; plan: string | null }
  | { kind: 'consent'; of: Person; decision: Decision }
  | { kind: 'merge'; of: Person; into: Person }
  | { kind: 'undo' }
);

const hours = fc.constantFrom(0, 1, 30);
const kind = <const Kind extends Step['kind']>(name: Kind) => ({ kind: fc.constant(name), hours });
const hoursAgo = fc.constantFrom(0, 0, 1, 40);
const call = fc.record({ ...kind('call'), of: person, hoursAgo, plan, decision: called });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: call },
  { weight: 1, arbitrary: fc.record({ ...kind('tag'), of: person }) },
  { weight: 2, arbitrary: fc.record({ ...kind('update'), of: person, plan }) },
  { weight: 3, arbitrary: fc.record({ ...kind('consent'), of: person, decision }) },
  { weight: 2, arbitrary: fc.record({ ...kind('merge'), of: person, into: person }) },
  { weight: 1, arbitrary: fc.record(kind('undo')) },
);
const steps = fc.array(step, { minLength: 6, maxLength: 30, size: 'max' });

/** Takes the steps on the server and on the reference. */
async function takeSteps(workspace: TestWorkspace, taken: readonly Step[]) {
  const reference = createEditReference(timeZone);
  const merges: Array<string | undefined> = [];
  const idOf = async (of: Person) => (await readCustomer(workspace, { userId: of })).id;
  let at = start;

  async function take(step: Step) {
    if (step.kind === 'undo') {
      if (merges.length === 0) return;
      reference.undo();
      await undoMerge(workspace, merges.pop());
    } else if (step.kind === 'call') {
      const { of, hoursAgo, plan: stated, decision: decided } = step;
      const then = at - hoursAgo * msPerHour;
      reference.receive({ owner: of, at: then, plan: stated, decision: decided });
      const traits = { plan: stated, [`consent:${decided.purpose}`]: decided.granted };
      const timestamp = new Date(then).toISOString();
      await workspace.send([{ type: 'identify', userId: of, traits, timestamp }]);
    } else if (reference.isKnown(step.of)) await edit(step);
  }

  async function edit(step: Exclude<Step, { kind: 'undo' | 'call' }>) {
    const { of: owner } = step;
    const customer = await idOf(owner);
    if (step.kind === 'tag') {
      reference.edit({ owner, at });
      await addTag(workspace, customer, 'vip');
    } else if (step.kind === 'update') {
      reference.edit({ owner, at, plan: step.plan });
      await updateCustomer(workspace, { customer, traits: { plan: step.plan } });
    } else if (step.kind === 'consent') {
      reference.edit({ owner, at, decision: step.decision });
      await setConsent(workspace, { customer, ...step.decision });
    } else if (reference.isKnown(step.into)) {
      if (reference.survivorOf(owner) === reference.survivorOf(step.into)) return;
      reference.merge(owner, step.into);
      const into = await idOf(step.into);
      merges.push((await mergeCustomers(workspace, { from: customer, into })).merge?.id);
    }
  }

  for (const step of taken) {
    at += step.hours * msPerHour;
    server.clock.now = new Date(at);
    await take(step);
  }
  return { reference, known: people.filter(reference.isKnown) };
}

const rowsOf = (workspace: TestWorkspace) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    const { rows } = await db.query(sql`
      select id, first_seen_at, last_seen_at, events, active_days, sessions, traits, traits_at, email, name, user_id
      from customer where merged_into is null order by id`);
    return rows;
  });

const recomputeAll = ({ id }: TestWorkspace) =>
  server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from customer where merged_into is null`);
    await recomputeFacts(
      db,
      rows.map((row) => row.id),
      timeZone,
    );
  });

async function matching(workspace: TestWorkspace, where: object) {
  const { customers } = await workspace.query<{ customers: { nodes: Array<{ userId: string }> } }>(
    'query ($where: CustomerFilter!) { customers(where: $where) { nodes { userId } } }',
    { where },
  );
  return customers.nodes.map(({ userId }) => userId).sort();
}

it(
  'keeps activity, traits and consents as the reference does, through edits, merges and their undoing',
  async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      server.clock.now = new Date(start);
      const workspace = await newWorkspace(server, { timeZone });
      const busy = { fact: { events: { atLeast: 2 } } };
      const reachable = { consent: { purpose: 'news', channel: 'email', is: 'GRANTED' } };
      const segments = [
        await createBuiltSegment(workspace, 'Busy', busy),
        await createBuiltSegment(workspace, 'Reachable', reachable),
      ];

      const { reference, known } = await takeSteps(workspace, taken);

      const survivors = known.filter((one) => reference.survivorOf(one) === one);
      for (const one of known) {
        const { traits, ...customer } = await readCustomer(workspace, { userId: one });
        expect(customer).toMatchObject(reference.factsOf(one));
        expect(traits['plan']).toBe(reference.planOf(one));
      }
      for (const purpose of purposes) {
        for (const channel of channels) {
          for (const is of ['GRANTED', 'DENIED', 'UNKNOWN']) {
            const where = { consent: { purpose, channel, is } };
            const expected = survivors.filter(
              (one) => reference.stateOf(one, purpose, channel) === is,
            );
            expect(await matching(workspace, where), JSON.stringify(where)).toEqual(expected);
          }
        }
      }
      expect(await memberIds(workspace, segments[0]?.key ?? '')).toEqual(
        survivors.filter((one) => reference.factsOf(one).eventCount >= 2),
      );
      expect(await memberIds(workspace, segments[1]?.key ?? '')).toEqual(
        survivors.filter((one) => reference.stateOf(one, 'news', 'email') === 'GRANTED'),
      );
      const stored = await rowsOf(workspace);
      await recomputeAll(workspace);
      expect(await rowsOf(workspace)).toEqual(stored);
    });
    await fc.assert(property, { ...bounds, numRuns: runs });
  },
  timeoutMs,
);
