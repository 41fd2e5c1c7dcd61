import { mergedUserId, type SeededWorkspace } from './seed-workspace.ts';

type Arguments = (of: SeededWorkspace) => string;

const fixed = (text: string) => () => text;
const byKey = ({ canary }: SeededWorkspace, rest = '') => `segment: "${canary}"${rest}`;
const listOf = (of: SeededWorkspace) =>
  byKey(of, `, customers: [{ userId: "${mergedUserId(of.canary)}" }, { userId: "unknown" }]`);

/**
 * Calls of all mutations of a seeded workspace, in an order in which each succeeds after the ones before, and some that
 * are refused.
 */
export const mutationCases: Array<[mutation: string, args: Arguments]> = [
  ['track', ({ canary }) => `events: [{ type: PAGE, userId: "${mergedUserId(canary)}" }]`],
  ['track', fixed('events: [{ type: TRACK }]')],
  ['createMember', fixed('name: "New", email: "new@example.com"')],
  ['updateMember', ({ ids }) => `member: "${ids.Member}"`],
  ['deleteMember', ({ ids }) => `member: "${ids.Member}"`],
  ['createTeam', ({ ids }) => `name: "New", kind: SALES, members: ["${ids.Member}"]`],
  ['updateTeam', ({ ids }) => `team: "${ids.Team}"`],
  ['assignTask', ({ ids }) => `task: "${ids.Task}", to: { team: "${ids.Team}" }`],
  ['completeTask', ({ ids }) => `task: "${ids.Task}"`],
  ['acceptTask', ({ ids }) => `task: "${ids.Task}", member: "${ids.Member}"`],
  ['completeTask', ({ ids }) => `task: "${ids.Task}"`],
  ['cancelTask', ({ ids }) => `task: "${ids.Task}"`],
  ['createLifecycle', fixed('template: "AWARENESS_TO_LOYALTY"')],
  ['updateLifecycle', fixed('lifecycle: "AWARENESS_TO_LOYALTY", description: "New"')],
  ['updateLifecycle', fixed('lifecycle: "UNKNOWN"')],
  ['makeDefaultLifecycle', fixed('lifecycle: "AWARENESS_TO_LOYALTY"')],
  ['deleteLifecycle', fixed('lifecycle: "UNKNOWN"')],
  ['moveCustomer', ({ ids }) => `customer: "${ids.Customer}", to: "REACH", reason: "r"`],
  ['moveCustomer', ({ ids }) => `customer: "${ids.Customer}", to: "UNKNOWN", reason: "r"`],
  ['moveCustomer', ({ ids }) => `customer: "${ids.Customer}", to: "REACH", reason: "r", pin: true`],
  ['unpinCustomer', ({ ids }) => `customer: "${ids.Customer}"`],
  ['createSegment', fixed('name: "New", filter: { fact: { orderCount: { atLeast: 1 } } }')],
  ['createSegment', fixed('name: "Newer", filter: { segment: { in: ["unknown"] } }')],
  ['createSegment', fixed('name: "Newer", filter: { stage: { in: ["unknown"] } }')],
  ['addSegmentMembers', listOf],
  ['updateSegment', (of) => byKey(of, ', description: "New"')],
  ['removeSegmentMembers', listOf],
  ['deleteSegment', byKey],
  ['tagCustomers', ({ ids }) => `customers: ["${ids.Customer}"], add: ["new"]`],
  ['setConsent', ({ ids }) => `customer: "${ids.Customer}", purpose: "news", granted: true`],
  ['updateCustomer', ({ ids }) => `customer: "${ids.Customer}", name: "New"`],
  ['mergeCustomers', ({ ids }) => `from: "${ids.Customer}", into: "${ids.Customer}"`],
  [
    'setExchangeRates',
    fixed('rates: [{ currency: "EUR", effectiveOn: "2026-01-01", rate: "1.25" }]'),
  ],
  ['setExchangeRates', fixed('rates: []')],
  ['undoMerge', ({ ids }) => `merge: "${ids.Merge}"`],
  ['undoMerge', ({ ids }) => `merge: "${ids.Merge}"`],
  ['updateChurnSettings', fixed('horizonDays: 30')],
  ['activateChurnModel', fixed('version: 1')],
  ['fitChurnModel', fixed('activation: NEVER')],
  ['deleteTeam', ({ ids }) => `team: "${ids.Team}"`],
  ['createApiKey', fixed('name: "New", scopes: [READ]')],
  ['revokeApiKey', ({ ids }) => `id: "${ids.ApiKey}"`],
];
