import { v7 as uuidv7 } from 'uuid';
import { mergedUserId, type SeededWorkspace } from './seed-workspace.ts';

/** One way to pass something of another workspace: the argument, and the value. */
export interface ForeignCase {
  argument: string;
  query: string;
  value: (of: SeededWorkspace) => string;
}

/** The argument, the type of its variable, the query with `$v`, and the value. */
type Row = [argument: string, type: string, selection: string, value: ForeignCase['value']];

const decode = (text: string) => Buffer.from(text, 'base64url').toString();
const keyOf = (globalId: string) => decode(globalId).split(':')[1] ?? '';

const types = [
  'ApiKey',
  'Customer',
  'Event',
  'Lifecycle',
  'Member',
  'Merge',
  'Order',
  'RejectedEvent',
  'Segment',
  'Stage',
  'Task',
  'Team',
  'Workspace',
] as const;
const customerBy = (by: string) => `{ customer(by: { ${by} }) { id name } }`;
const ofOwnWorkspace = (field: string) => `{ customer(by: { userId: $userId }) { ${field} } }`;
const refusal = '{ __typename ... on Refusal { code message } }';
const page = '{ totalCount nodes { id name } }';
const reset = '{ __typename ... on StreamReset { reason } }';
const read = '{ __typename ... on ChangePage { cursor } ... on StreamReset { reason } }';

const members =
  '{ __typename ... on SegmentMembersPayload { changed items { outcome customer { id } } } }';

const customersMatching = (where: string) => `{ customers(where: { ${where} }) ${page} }`;
const consented = (about: string) => customersMatching(`consent: { ${about}, is: GRANTED }`);
const nameMatches = (text: string) =>
  customersMatching(`trait: { name: "name", is: { text: ${text} } }`);

const rows: Row[] = [
  ...types.flatMap((type): Row[] => [
    ['Query.node(id)', 'ID', '{ node(id: $v) { __typename id } }', ({ ids }) => ids[type]],
    ['Query.nodes(ids)', 'ID', '{ nodes(ids: [$v]) { __typename id } }', ({ ids }) => ids[type]],
  ]),
  ['CustomerBy.id', 'ID', customerBy('id: $v'), ({ ids }) => ids.Customer],
  ['CustomerBy.id', 'ID', customerBy('id: $v'), ({ ids }) => keyOf(ids.Customer)],
  ['CustomerBy.userId', 'String', customerBy('userId: $v'), ({ canary }) => mergedUserId(canary)],
  [
    'CustomerBy.anonymousId',
    'String',
    customerBy('anonymousId: $v'),
    (of) => `${of.canary}-visitor`,
  ],
  ['CustomerBy.email', 'String', customerBy('email: $v'), (of) => `${of.canary}@example.com`],
  [
    'CustomerBy.identity',
    'String',
    customerBy('identity: { kind: "user_id", value: $v }'),
    ({ canary }) => mergedUserId(canary),
  ],
  [
    'Query.customers(search)',
    'String',
    `{ customers(search: $v) ${page} }`,
    (of) => `${of.canary}@`,
  ],
  [
    'Query.customers(search)',
    'String',
    `{ customers(search: $v) ${page} }`,
    (of) => of.ids.Customer,
  ],
  ['TextComparison.equals', 'String', nameMatches('{ equals: $v }'), ({ canary }) => canary],
  [
    'TextComparison.startsWith',
    'String',
    nameMatches('{ startsWith: $v }'),
    ({ canary }) => canary,
  ],
  [
    'IdentityCondition.value',
    'String',
    customersMatching('identity: { kind: "user_id", value: { equals: $v } }'),
    ({ canary }) => mergedUserId(canary),
  ],
  [
    'DidCondition.event',
    'String',
    customersMatching('did: { event: [$v] }'),
    ({ canary }) => canary,
  ],
  ['TagCondition.in', 'String', customersMatching('tag: { in: [$v] }'), ({ canary }) => canary],
  [
    'Mutation.tagCustomers(customers)',
    'ID',
    `{ tagCustomers(customers: [$v], add: ["new"]) ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.tagCustomers(customers)',
    'ID',
    `{ tagCustomers(customers: [$v], remove: ["new"]) ${refusal} }`,
    (of) => keyOf(of.ids.Customer),
  ],
  [
    'Mutation.setConsent(customer)',
    'ID',
    `{ setConsent(customer: $v, purpose: "news", granted: true) ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.updateCustomer(customer)',
    'ID',
    `{ updateCustomer(customer: $v, name: "new") ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.mergeCustomers(from)',
    'ID',
    `{ mergeCustomers(from: $v, into: $customer) ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.mergeCustomers(into)',
    'ID',
    `{ mergeCustomers(from: $customer, into: $v) ${refusal} }`,
    (of) => keyOf(of.ids.Customer),
  ],
  ['ConsentCondition.purpose', 'String', consented('purpose: $v'), ({ canary }) => canary],
  [
    'ConsentCondition.channel',
    'String',
    consented('purpose: "news", channel: $v'),
    ({ canary }) => canary,
  ],
  [
    'Query.customers(after)',
    'String',
    `{ customers(after: $v) ${page} }`,
    (of) => of.pageCursors.customers,
  ],
  [
    'Query.customers(before)',
    'String',
    `{ customers(last: 9, before: $v) ${page} }`,
    (of) => of.pageCursors.customers,
  ],
  [
    'Query.transitions(customer)',
    'ID',
    '{ transitions(customer: $v) { nodes { cursor } } }',
    ({ ids }) => ids.Customer,
  ],
  [
    'Query.transitions(after)',
    'String',
    '{ transitions(after: $v) { nodes { cursor } } }',
    ({ pageCursors: places }) => places.transitions,
  ],
  [
    'Customer.events(after)',
    'String',
    ofOwnWorkspace('events(after: $v) { nodes { id } }'),
    (of) => of.pageCursors.events,
  ],
  ...(['after', 'before'] as const).map(
    (argument): Row => [
      `Query.orders(${argument})`,
      'String',
      `{ orders(${argument}: $v) { nodes { id } } }`,
      (of) => of.pageCursors.orders,
    ],
  ),
  [
    'Customer.orders(before)',
    'String',
    ofOwnWorkspace('orders(before: $v) { nodes { id } }'),
    (of) => of.pageCursors.orders,
  ],
  [
    'Customer.orders(after)',
    'String',
    ofOwnWorkspace('orders(after: $v) { nodes { id } }'),
    (of) => of.pageCursors.orders,
  ],
  [
    'Customer.timeline(after)',
    'String',
    ofOwnWorkspace('timeline(after: $v) { nodes { __typename } }'),
    ({ pageCursors: places }) => places.timeline,
  ],
  [
    'Customer.transitions(after)',
    'String',
    ofOwnWorkspace('transitions(after: $v) { nodes { cursor } }'),
    ({ pageCursors: places }) => places.ownTransitions,
  ],
  ['Query.changes(after)', 'Cursor', `{ changes(after: $v) ${read} }`, ({ cursor }) => cursor],
  ['Subscription.changes(after)', 'Cursor', `{ changes(after: $v) ${reset} }`, (of) => of.cursor],
  [
    'Subscription.stageChanged(customer)',
    'ID',
    `{ stageChanged(customer: $v) ${reset} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Subscription.stageChanged(after)',
    'Cursor',
    `{ stageChanged(after: $v) ${reset} }`,
    ({ cursor }) => cursor,
  ],
  [
    'Subscription.stageCountsChanged(after)',
    'Cursor',
    `{ stageCountsChanged(after: $v) ${reset} }`,
    ({ cursor }) => cursor,
  ],
  [
    'Subscription.churnRiskFlagged(after)',
    'Cursor',
    `{ churnRiskFlagged(after: $v) ${reset} }`,
    ({ cursor }) => cursor,
  ],
  [
    'Subscription.segmentChanged(after)',
    'Cursor',
    `{ segmentChanged(segment: $segment, after: $v) ${reset} }`,
    ({ cursor }) => cursor,
  ],
  [
    'Query.segment(key)',
    'String',
    '{ segment(key: $v) { id count members { nodes { since } } } }',
    ({ canary }) => canary,
  ],
  [
    'Query.segments(search)',
    'String',
    '{ segments(search: $v) { totalCount nodes { id } } }',
    ({ canary }) => canary,
  ],
  [
    'Query.segments(after)',
    'String',
    '{ segments(after: $v) { nodes { id } } }',
    ({ pageCursors: places }) => places.segments,
  ],
  [
    'Segment.members(after)',
    'String',
    '{ segment(key: $segment) { members(after: $v) { nodes { since } } } }',
    ({ pageCursors: places }) => places.members,
  ],
  [
    'Mutation.addSegmentMembers(customers)',
    'ID',
    `{ addSegmentMembers(segment: $segment, customers: [{ id: $v }]) ${members} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.removeSegmentMembers(customers)',
    'ID',
    `{ removeSegmentMembers(segment: $segment, customers: [{ id: $v }]) ${members} }`,
    (of) => keyOf(of.ids.Customer),
  ],
  [
    'Mutation.moveCustomer(customer)',
    'ID',
    `{ moveCustomer(customer: $v, to: "LOYALTY", reason: "paper", pin: true) ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.moveCustomer(customer)',
    'ID',
    `{ moveCustomer(customer: $v, to: "LOYALTY", reason: "paper", pin: true) ${refusal} }`,
    (of) => keyOf(of.ids.Customer),
  ],
  [
    'Mutation.unpinCustomer(customer)',
    'ID',
    `{ unpinCustomer(customer: $v) ${refusal} }`,
    ({ ids }) => ids.Customer,
  ],
  [
    'Mutation.undoMerge(merge)',
    'ID',
    `{ undoMerge(merge: $v) ${refusal} }`,
    ({ ids }) => ids.Merge,
  ],
  [
    'Mutation.undoMerge(merge)',
    'ID',
    `{ undoMerge(merge: $v) ${refusal} }`,
    (of) => keyOf(of.ids.Merge),
  ],
  [
    'Mutation.revokeApiKey(id)',
    'ID',
    `{ revokeApiKey(id: $v) ${refusal} }`,
    ({ ids }) => ids.ApiKey,
  ],
  [
    'Mutation.revokeApiKey(id)',
    'ID',
    `{ revokeApiKey(id: $v) ${refusal} }`,
    (of) => keyOf(of.ids.ApiKey),
  ],
  ['Query.tasks(team)', 'ID', '{ tasks(team: $v) { nodes { id } } }', ({ ids }) => ids.Team],
  [
    'Query.tasks(assignee)',
    'ID',
    '{ tasks(assignee: $v) { nodes { id } } }',
    ({ ids }) => ids.Member,
  ],
  [
    'Query.tasks(after)',
    'String',
    '{ tasks(after: $v) { nodes { id } } }',
    (of) => of.pageCursors.tasks,
  ],
  [
    'Query.rejectedEvents(after)',
    'String',
    '{ rejectedEvents(after: $v) { nodes { id } } }',
    (of) => of.pageCursors.rejectedEvents,
  ],
  [
    'Query.exchangeRates(after)',
    'String',
    '{ exchangeRates(after: $v) { nodes { currency rate } } }',
    (of) => of.pageCursors.exchangeRates,
  ],
  ...(['Member', 'Team'] as const).flatMap((type): Row[] => {
    const name = type.toLowerCase();
    const idOf: Row[3] = ({ ids }) => ids[type];
    return [
      [
        `Mutation.update${type}(${name})`,
        'ID',
        `{ update${type}(${name}: $v, name: "new") ${refusal} }`,
        idOf,
      ],
      [
        `Mutation.delete${type}(${name})`,
        'ID',
        `{ delete${type}(${name}: $v) ${refusal} }`,
        (of) => keyOf(idOf(of)),
      ],
      [
        `OwnerInput.${name}`,
        'ID',
        `{ assignTask(task: $task, to: { ${name}: $v }) ${refusal} }`,
        idOf,
      ],
    ];
  }),
  [
    'Mutation.createTeam(members)',
    'ID',
    `{ createTeam(name: "new", kind: SALES, members: [$v]) ${refusal} }`,
    ({ ids }) => ids.Member,
  ],
  [
    'Mutation.updateTeam(members)',
    'ID',
    `{ updateTeam(team: $team, members: [$v]) ${refusal} }`,
    ({ ids }) => ids.Member,
  ],
  [
    'Mutation.acceptTask(task)',
    'ID',
    `{ acceptTask(task: $v, member: $member) ${refusal} }`,
    ({ ids }) => ids.Task,
  ],
  [
    'Mutation.acceptTask(member)',
    'ID',
    `{ acceptTask(task: $task, member: $v) ${refusal} }`,
    ({ ids }) => ids.Member,
  ],
  [
    'Mutation.completeTask(task)',
    'ID',
    `{ completeTask(task: $v) ${refusal} }`,
    (of) => of.ids.Task,
  ],
  ['Mutation.cancelTask(task)', 'ID', `{ cancelTask(task: $v) ${refusal} }`, (of) => of.ids.Task],
  [
    'Mutation.assignTask(task)',
    'ID',
    `{ assignTask(task: $v, to: { member: $member }) ${refusal} }`,
    ({ ids }) => ids.Task,
  ],
];

const operationOf = (argument: string) =>
  argument.startsWith('OwnerInput')
    ? 'mutation'
    : (/^(Mutation|Subscription)/.exec(argument)?.[1]?.toLowerCase() ?? 'query');

/** The other variables of a query, all from the caller's own workspace. */
export const ownVariables = (
  query: string,
  { canary, ids }: SeededWorkspace,
): Record<string, string> => {
  const own = {
    userId: mergedUserId(canary),
    customer: ids.Customer,
    member: ids.Member,
    task: ids.Task,
    team: ids.Team,
    segment: canary,
  };
  return Object.fromEntries(Object.entries(own).filter(([name]) => query.includes(`$${name}`)));
};

const declarations = {
  $userId: 'String!',
  $customer: 'ID!',
  $member: 'ID!',
  $task: 'ID!',
  $team: 'ID!',
  $segment: 'String!',
};

const declare = (selection: string) =>
  Object.entries(declarations)
    .filter(([name]) => selection.includes(name))
    .map(([name, type]) => `, ${name}: ${type}`)
    .join('');

export const foreignCases: ForeignCase[] = rows.map(([argument, type, selection, value]) => ({
  argument,
  query: `${operationOf(argument)} ($v: ${type}!${declare(selection)}) ${selection}`,
  value,
}));

/** Positions in a page stand for an instant or a number, which belong to no workspace. */
export const isPageCursor = ({ argument }: ForeignCase) =>
  /\((after|before)\)$/.test(argument) && !/changes|Changed/.test(argument);

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * A value of the same form with other random parts, which does not exist. Ids have version 7 like stored ones: an id of
 * version 4 would sort before all rows of a page in one of 160 runs.
 */
export function unknownLike(value: string, canary: string): string {
  const inside = decode(value);
  const isEncoded = Buffer.from(inside).toString('base64url') === value && /^[[A-Z]/.test(inside);
  if (isEncoded) return Buffer.from(unknownLike(inside, canary)).toString('base64url');
  return value
    .replaceAll(new RegExp(uuid, 'g'), () => uuidv7())
    .replace(/^(ApiKey:|)[0-9A-Za-z]{10}$/, '$10000000000')
    .replace(/^[0-9a-f]{10}\./, '0123456789.')
    .replaceAll(canary, 'nobody');
}
