import { type Furnished, mergedUserId } from './furnish.ts';

/** One way to hand in something that may be another workspace's: by which argument, and which thing. */
export interface ForeignCase {
  argument: string;
  query: string;
  value: (of: Furnished) => string;
}

/** The argument, the type of its variable, what is asked with `$v`, and what is handed in. */
type Row = [argument: string, type: string, ask: string, value: ForeignCase['value']];

const decode = (text: string) => Buffer.from(text, 'base64url').toString();
const keyOf = (globalId: string) => decode(globalId).split(':')[1] ?? '';

const types = ['ApiKey', 'Customer', 'Event', 'Lifecycle', 'Merge', 'Stage', 'Workspace'] as const;
const customerBy = (by: string) => `{ customer(by: { ${by} }) { id name } }`;
const ofMine = (field: string) => `{ customer(by: { userId: $userId }) { ${field} } }`;
const refusal = '{ __typename ... on Refusal { code message } }';
const page = '{ totalCount nodes { id name } }';
const reset = '{ __typename ... on StreamReset { reason } }';
const read = '{ __typename ... on ChangePage { cursor } ... on StreamReset { reason } }';

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
  [
    'Query.customers(after)',
    'String',
    `{ customers(after: $v) ${page} }`,
    (of) => of.places.customers,
  ],
  [
    'Query.customers(before)',
    'String',
    `{ customers(last: 9, before: $v) ${page} }`,
    (of) => of.places.customers,
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
    ({ places }) => places.transitions,
  ],
  [
    'Customer.events(after)',
    'String',
    ofMine('events(after: $v) { nodes { id } }'),
    (of) => of.places.events,
  ],
  [
    'Customer.timeline(after)',
    'String',
    ofMine('timeline(after: $v) { nodes { __typename } }'),
    ({ places }) => places.timeline,
  ],
  [
    'Customer.transitions(after)',
    'String',
    ofMine('transitions(after: $v) { nodes { cursor } }'),
    ({ places }) => places.ownTransitions,
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
];

const operationOf = (argument: string) =>
  /^(Mutation|Subscription)/.exec(argument)?.[1]?.toLowerCase() ?? 'query';

export const foreignCases: ForeignCase[] = rows.map(([argument, type, ask, value]) => ({
  argument,
  query: `${operationOf(argument)} ($v: ${type}!${ask.includes('$userId') ? ', $userId: String!' : ''}) ${ask}`,
  value,
}));

/** Places in a page stand for an instant or a number; those are no workspace's own. */
export const isPlace = ({ argument }: ForeignCase) =>
  /\((after|before)\)$/.test(argument) && !/changes|stageChanged/.test(argument);

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The same with other random parts: of the right form, and nobody's. */
export function unknownLike(value: string, canary: string): string {
  const inside = decode(value);
  const isEncoded = Buffer.from(inside).toString('base64url') === value && /^[[A-Z]/.test(inside);
  if (isEncoded) return Buffer.from(unknownLike(inside, canary)).toString('base64url');
  return value
    .replaceAll(new RegExp(uuid, 'g'), () => crypto.randomUUID())
    .replace(/^(ApiKey:|)[0-9A-Za-z]{10}$/, '$10000000000')
    .replace(/^[0-9a-f]{10}\./, '0123456789.')
    .replaceAll(canary, 'nobody');
}
