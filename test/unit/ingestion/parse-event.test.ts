import { expect, it } from 'vitest';
import { type ParseRules, parseEvent } from '../../../src/engine/ingestion/parse-event.ts';
import {
  createPlaceholderIds,
  defaultPlaceholderIds,
} from '../../../src/platform/placeholder-ids.ts';

const now = new Date('2024-06-01T12:00:00Z');
const rules: ParseRules = {
  now,
  batchSentAt: undefined,
  kind: undefined,
  trust: 'SERVER',
  currency: 'EUR',
  placeholderIds: createPlaceholderIds(defaultPlaceholderIds),
  maxBytes: 32_768,
};
const order = { type: 'track', userId: 'u1', event: 'Order Completed' };

it.each([
  ['a string instead of an object', 'text', 'event: '],
  ['nothing', undefined, 'event: '],
  ['null', null, 'event: '],
  ['a list', [], 'event: '],
  ['an unknown call', { type: 'delete', userId: 'u1' }, 'type: '],
  ['a customer without a name', { type: 'page' }, 'userId: an event needs'],
  ['a customer with an empty name', { type: 'page', userId: '', anonymousId: '' }, 'userId: '],
  [
    'a customer with an e-mail address only',
    { type: 'identify', traits: { email: 'a@b.c' } },
    'userId',
  ],
  ['a user id that is too long', { type: 'page', userId: 'x'.repeat(257) }, 'userId: '],
  ['a user id that is not a string', { type: 'page', userId: { id: 1 } }, 'userId: '],
  ['a track call without an event', { type: 'track', userId: 'u1' }, 'event: '],
  ['an alias without a previous id', { type: 'alias', userId: 'u1' }, 'previousId: '],
  ['an alias without a user id', { type: 'alias', anonymousId: 'a', previousId: 'b' }, 'userId: '],
  ['an invalid time', { ...order, timestamp: 'yesterday' }, 'timestamp: '],
  ['a time that is a number', { ...order, timestamp: 1_717_243_200 }, 'timestamp: '],
  ['a time before 1900', { ...order, timestamp: '1899-12-31T23:59:59Z' }, 'timestamp: lies before'],
  ['properties that are a list', { ...order, properties: [1] }, 'properties: '],
  ['an empty message id', { ...order, messageId: '' }, 'messageId: '],
  [
    'an order with an invalid total',
    { ...order, properties: { total: '1,50' } },
    'properties.total',
  ],
  ['an order with a negative total', { ...order, properties: { total: -1 } }, 'properties.total'],
  ['an invalid currency', { ...order, properties: { currency: 'euro' } }, 'properties.currency'],
  [
    'a refund without an amount',
    { ...order, event: 'Order Refunded' },
    'properties.total: a refund',
  ],
  ['a NUL character', { ...order, properties: { note: 'a\u0000' } }, 'The event contains a NUL'],
  [
    'half of a surrogate pair',
    { ...order, properties: { note: '\ud800' } },
    'The event contains a NUL',
  ],
])('refuses %s', (_what, call, message) => {
  const result = parseEvent(call, rules);

  expect(result).toMatchObject({ status: 'refused', code: 'INVALID_EVENT' });
  expect(result).toHaveProperty('message', expect.stringContaining(message));
});

it('refuses an event that nests too deep before any other check', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 50_000; level += 1) deep = [deep];

  expect(parseEvent({ ...order, properties: { deep } }, rules)).toMatchObject({
    code: 'INVALID_EVENT',
    message: 'The event is nested more than 32 levels deep.',
  });
});

it('measures an event to the byte, in UTF-8', () => {
  const call = { ...order, properties: { note: 'ä€😀' } };
  const size = Buffer.byteLength(JSON.stringify(call));

  expect(parseEvent(call, { ...rules, maxBytes: size })).toHaveProperty('id');
  expect(parseEvent(call, { ...rules, maxBytes: size - 1 })).toMatchObject({
    status: 'refused',
    code: 'EVENT_TOO_LARGE',
  });
});

it('accepts timestamps up to a day in the future and counts them as now', () => {
  const at = (timestamp: string) => parseEvent({ ...order, timestamp }, rules);

  expect(at('2024-06-02T12:00:00.000Z')).toMatchObject({
    occurredAt: now,
    reportedAt: new Date('2024-06-02T12:00:00.000Z'),
  });
  expect(at('2024-06-02T12:00:00.001Z')).toMatchObject({ code: 'EVENT_IN_FUTURE' });
});

it('uses the type of the route if the route defines one', () => {
  const call = { type: 'delete', userId: 'u1', name: 'Home' };

  expect(parseEvent(call, { ...rules, kind: 'page' })).toMatchObject({
    kind: 'page',
    name: 'Home',
  });
});

it('names the messageId of a refused event', () => {
  expect(parseEvent({ type: 'track', messageId: 'm1' }, rules)).toMatchObject({ messageId: 'm1' });
  expect(parseEvent({ type: 'track' }, rules)).toMatchObject({ messageId: null });
});

it('generates a missing messageId', () => {
  const ids = [parseEvent(order, rules), parseEvent(order, rules)].map(
    ({ messageId }) => messageId,
  );

  expect(ids[0]).toMatch(/^stl-/);
  expect(ids[0]).not.toBe(ids[1]);
});

it.each([
  [
    'by its timestamp',
    { timestamp: '2024-05-01T00:00:00Z' },
    undefined,
    '2024-05-01T00:00:00.000Z',
  ],
  ['now, without a timestamp', {}, undefined, '2024-06-01T12:00:00.000Z'],
  [
    'by its original timestamp, when an SDK has added another',
    { timestamp: '2024-05-01T00:00:01Z', originalTimestamp: '2024-05-01T00:00:00Z' },
    undefined,
    '2024-05-01T00:00:00.000Z',
  ],
  [
    "by the server's clock, when the sender's clock is an hour fast",
    { timestamp: '2024-06-01T12:30:00Z', sentAt: '2024-06-01T13:00:00Z' },
    undefined,
    '2024-06-01T11:30:00.000Z',
  ],
  [
    "by the server's clock, when the batch has a sentAt",
    { timestamp: '2024-06-01T12:30:00Z' },
    '2024-06-01T13:00:00Z',
    '2024-06-01T11:30:00.000Z',
  ],
  [
    'by its timestamp, when the clocks differ only by network latency',
    { timestamp: '2024-05-01T00:00:00Z', sentAt: '2024-06-01T12:00:05Z' },
    undefined,
    '2024-05-01T00:00:00.000Z',
  ],
  [
    'by its timestamp, when it was delivered late',
    { timestamp: '2024-06-01T07:00:00Z', sentAt: '2024-06-01T07:00:01Z' },
    undefined,
    '2024-06-01T07:00:00.000Z',
  ],
  [
    'by its timestamp, when its batch was delivered late',
    { timestamp: '2024-06-01T07:00:00Z' },
    '2024-06-01T07:00:01Z',
    '2024-06-01T07:00:00.000Z',
  ],
  [
    'by its original timestamp, when a pipeline forwards it five hours late',
    {
      originalTimestamp: '2024-06-01T07:00:00.000Z',
      timestamp: '2024-06-01T07:00:00.200Z',
      sentAt: '2024-06-01T07:00:01.000Z',
      receivedAt: '2024-06-01T07:00:01.200Z',
    },
    undefined,
    '2024-06-01T07:00:00.000Z',
  ],
  [
    'by the clock of the pipeline, when the sender is a day behind',
    {
      originalTimestamp: '2024-05-31T07:00:00Z',
      sentAt: '2024-05-31T07:00:10Z',
      receivedAt: '2024-06-01T07:00:10Z',
    },
    undefined,
    '2024-06-01T07:00:00.000Z',
  ],
  [
    'by the clock of the pipeline, when the sender is an hour ahead',
    {
      timestamp: '2024-06-01T08:00:00Z',
      sentAt: '2024-06-01T08:00:00Z',
      receivedAt: '2024-06-01T07:00:00Z',
    },
    undefined,
    '2024-06-01T07:00:00.000Z',
  ],
  [
    'by its timestamp, when an archive is sent again in a batch of today',
    { timestamp: '2021-03-04T05:06:07Z', receivedAt: '2021-03-04T05:06:08Z' },
    '2024-06-01T12:00:00Z',
    '2021-03-04T05:06:07.000Z',
  ],
  [
    'by its timestamp, when an archive is sent again by a fast clock',
    { timestamp: '2021-03-04T05:06:07Z', receivedAt: '2021-03-04T05:06:08Z' },
    '2024-06-01T13:00:00Z',
    '2021-03-04T05:06:07.000Z',
  ],
  [
    'when a pipeline received it, without a timestamp',
    { sentAt: '2021-03-04T04:00:00Z', receivedAt: '2021-03-04T05:06:08Z' },
    undefined,
    '2021-03-04T05:06:08.000Z',
  ],
  [
    'now, when it is still ahead after the correction',
    { timestamp: '2024-06-01T15:00:00Z', sentAt: '2024-06-01T13:00:00Z' },
    undefined,
    '2024-06-01T12:00:00.000Z',
  ],
  [
    'in RFC 3339 with lower-case letters',
    { timestamp: '2024-01-05t10:00:00z' },
    undefined,
    '2024-01-05T10:00:00.000Z',
  ],
  [
    'in a leap second',
    { timestamp: '2016-12-31T23:59:60Z' },
    undefined,
    '2017-01-01T00:00:00.000Z',
  ],
  [
    'with an offset without a colon',
    { timestamp: '2024-01-05T10:00:00+0200' },
    undefined,
    '2024-01-05T08:00:00.000Z',
  ],
])('dates an event %s', (_how, times, batchSentAt, instant) => {
  const event = parseEvent({ ...order, ...times }, { ...rules, batchSentAt });

  expect(event).toHaveProperty('occurredAt', new Date(instant));
});

it.each([
  ['that is dated as stated', { timestamp: '2024-05-01T00:00:00Z' }, null],
  ['without a time', {}, null],
  [
    'whose clock was fast',
    { timestamp: '2024-06-01T12:30:00Z', sentAt: '2024-06-01T13:00:00Z' },
    '2024-06-01T12:30:00.000Z',
  ],
])('keeps the reported time of an event %s', (_what, times, reported) => {
  expect(parseEvent({ ...order, ...times }, rules)).toHaveProperty(
    'reportedAt',
    reported && new Date(reported),
  );
});

it.each([
  ['A-100', 'A-100'],
  [5001, '5001'],
  [' 5001 ', '5001'],
  ['', null],
  [null, null],
  [{}, null],
])('knows an order by the order_id %j as %j', (order_id, key) => {
  expect(parseEvent({ ...order, properties: { order_id } }, rules)).toHaveProperty('record', {
    ...{ kind: 'ORDER', key, part: null },
  });
});

it.each([
  [
    { order_id: 'A', refund_id: 7 },
    { kind: 'ORDER', key: 'A', part: '7' },
  ],
  [
    { order_id: 'A', refund_id: 'undefined' },
    { kind: 'ORDER', key: 'A', part: null },
  ],
  [
    { order_id: 'null', refund_id: 'r' },
    { kind: 'REFUND', key: 'r', part: null },
  ],
  [{}, { kind: 'REFUND', key: null, part: null }],
])('knows the refund %j as %j', (ids, record) => {
  const refund = { ...order, event: 'Order Refunded', properties: { total: 1, ...ids } };

  expect(parseEvent(refund, rules)).toHaveProperty('record', record);
});

it('extracts all identities of a call, strongest first', () => {
  const context = {
    externalIds: [{ id: 'c1', type: 'crm' }, { id: '', type: 'crm' }, { id: 7, type: 'crm' }, null],
    traits: { email: 'not the one meant@' },
  };
  const traits = { email: ' Ada@Example.com ' };

  const event = parseEvent(
    { type: 'identify', anonymousId: 'a1', userId: 42, traits, context },
    rules,
  );

  expect(event).toHaveProperty('names', [
    { kind: 'user_id', value: '42' },
    { kind: 'external:crm', value: 'c1' },
    { kind: 'email', value: 'ada@example.com' },
    { kind: 'anonymous_id', value: 'a1' },
  ]);
});

it('extracts an e-mail address from the context of calls other than identify', () => {
  const context = { traits: { email: 'ada@example.com' } };

  expect(parseEvent({ ...order, context }, rules)).toHaveProperty('names', [
    { kind: 'user_id', value: 'u1' },
    { kind: 'email', value: 'ada@example.com' },
  ]);
});

it.each([
  ['in the context, if identify states none', { plan: 'pro' }, 'context@example.com'],
  ['among the traits before that in the context', { email: 'own@example.com' }, 'own@example.com'],
  ['nowhere, if identify removes it', { email: null }, undefined],
])('reads the e-mail address of identify %s', (_where, traits, expected) => {
  const context = { traits: { email: 'context@example.com' } };

  const event = parseEvent({ type: 'identify', userId: 'u1', traits, context }, rules);

  const address = expected ? [{ kind: 'email', value: expected }] : [];
  expect(event).toHaveProperty('names', [{ kind: 'user_id', value: 'u1' }, ...address]);
});

it('leaves out ids that identify no customer', () => {
  const context = { externalIds: [{ id: 'null', type: 'crm' }] };

  const event = parseEvent(
    { type: 'page', userId: 'undefined', anonymousId: 'a1', context },
    rules,
  );

  expect(event).toHaveProperty('names', [{ kind: 'anonymous_id', value: 'a1' }]);
});

it.each([
  [{ type: 'page', userId: 0 }, 'userId: "0" identifies no customer'],
  [{ type: 'page', anonymousId: 'null' }, 'anonymousId: "null" identifies no customer'],
  [{ type: 'page', userId: ' ', anonymousId: 'NaN' }, 'anonymousId: "NaN" identifies no customer'],
  [
    { type: 'alias', userId: 'u1', previousId: 'guest' },
    'previousId: "guest" identifies no customer',
  ],
  [
    { type: 'alias', userId: 'guest', anonymousId: 'a1', previousId: 'u1' },
    'userId: "guest" identifies no customer',
  ],
])('refuses %j, whose only id identifies no customer', (call, message) => {
  const result = parseEvent(call, rules);

  expect(result).toMatchObject({ status: 'refused', code: 'PLACEHOLDER_ID' });
  expect(result).toHaveProperty('message', expect.stringContaining(message));
});

it('takes blank ids as absent', () => {
  const result = parseEvent({ type: 'page', userId: '  ', anonymousId: '\u00a0\t' }, rules);

  expect(result).toMatchObject({
    code: 'INVALID_EVENT',
    message: expect.stringMatching(/^userId: /),
  });
});

it.each(['', 'ada', 'a@b@c', 'a b@c', '@c', 'a@', 7, null])(
  'does not accept %j as an e-mail address',
  (email) => {
    const event = parseEvent({ type: 'identify', userId: 'u1', traits: { email } }, rules);

    expect(event).toHaveProperty('names', [{ kind: 'user_id', value: 'u1' }]);
  },
);
