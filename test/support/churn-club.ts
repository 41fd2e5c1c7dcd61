import { afterImport, endOfJob } from './churn-models.ts';
import { day } from './churn-shop.ts';
import { newWorkspace, type TestServer, type TestWorkspace } from './server.ts';

/** The present of the club; its past lies before. */
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

/** Subscribers of two plans: every other one of BASIC leaves after a failed payment, hardly any of PRO. */
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
  return endOfJob(workspace);
}

/** A workspace of subscribers, with the clock of the server in the present of the club. */
export async function openClub(server: TestServer, count: number, members = subscribers(count)) {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  for (let from = 0; from < members.length; from += 500) {
    await workspace.send(members.slice(from, from + 500));
  }
  afterImport(server);
  return workspace;
}

/** Numbers from 0 to 1 that look random and are always the same. */
function createChance(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/**
 * Subscribers as one meets them: payments fail now and then, which loses most of those concerned and makes the
 * others late by days; hardly anybody else is lost. The last of them renewed within the month before `until`.
 */
export function livelySubscribers(count: number, until: number, seed = 7) {
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
