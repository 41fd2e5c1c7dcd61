import { passImportLease, waitForJob } from './churn-models.ts';
import { day } from './churn-shop.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';

/** The current time of the club; all of its events are earlier. */
export const clubNow = Date.UTC(2026, 5, 1);
const now = clubNow;

export const event = (userId: string, name: string, at: number, properties = {}) => ({
  type: 'track',
  event: name,
  userId,
  messageId: `${userId}-${name}-${at}`,
  timestamp: new Date(at).toISOString(),
  properties,
});

/** Subscribers of two plans: half of BASIC are lost after a failed payment, few of PRO. */
export function subscribers(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const userId = `s${index}`;
    const plan = index % 2 === 0 ? 'BASIC' : 'PRO';
    const begin = now - (300 + (index % 60)) * day;
    const leaves = plan === 'BASIC' ? 2 + (index % 5) : index % 11 === 0 ? 4 : 99;
    const events = [event(userId, 'Subscription Started', begin, { plan, period: 'P30D' })];
    for (let renewal = 1; begin + renewal * 30 * day < now; renewal += 1) {
      const at = begin + renewal * 30 * day;
      if (renewal === leaves) {
        events.push(event(userId, 'Payment Failed', at - day));
        break;
      }
      events.push(event(userId, 'Subscription Renewed', at, { plan }));
    }
    return events;
  }).flat();
}

export async function fitRenewals(workspace: TestWorkspace) {
  await workspace.query('mutation { fitChurnModel(mode: SUBSCRIPTION) { __typename } }');
  return waitForJob(workspace);
}

/** Creates a workspace of subscribers and sets the server's clock to the current time of the club. */
export async function createClub(server: TestServer, count: number, members = subscribers(count)) {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  for (let from = 0; from < members.length; from += 500) {
    await workspace.send(members.slice(from, from + 500));
  }
  passImportLease(server);
  return workspace;
}

/** Deterministic pseudo-random numbers from 0 to 1. */
function createChance(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/**
 * Subscribers with realistic behaviour: payments fail occasionally, which loses most of those subscribers and delays the
 * others by days; few others are lost. The last ones renewed within the month before `until`.
 */
export function realisticSubscribers(count: number, until: number, seed = 7) {
  const chance = createChance(seed);
  return Array.from({ length: count }, (_, index) => {
    const userId = `m${index}`;
    const plan = chance() < 0.5 ? 'BASIC' : 'PRO';
    let at = until - Math.round((200 + 100 * chance()) * day);
    const events = [event(userId, 'Subscription Started', at, { plan, period: 'P30D' })];
    for (let dueAt = at + 30 * day; dueAt < until; dueAt = at + 30 * day) {
      const hasFailed = chance() < (plan === 'BASIC' ? 0.2 : 0.1);
      if (hasFailed) events.push(event(userId, 'Payment Failed', dueAt - day));
      for (const week of [0, 1, 2]) {
        const lesson = at + Math.round(7 * day * (week + chance()));
        events.push(event(userId, 'Lesson Taken', lesson));
      }
      if (chance() < (hasFailed ? 0.85 : 0.02)) break;
      at = dueAt + (hasFailed ? Math.floor(6 * chance()) * day : 0);
      if (at < until) events.push(event(userId, 'Subscription Renewed', at, { plan }));
    }
    return events;
  }).flat();
}
