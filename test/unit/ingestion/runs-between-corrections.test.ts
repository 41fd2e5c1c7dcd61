import { expect, it } from 'vitest';
import {
  type InterpretedEvent,
  runsBetweenCorrections,
} from '../../../src/engine/ingestion/resolve-records.ts';

/** An event of a customer, and the events of customers that it corrects, as `event@customer`. */
const event = (name: string, corrected: string[] = []) => {
  const [id, survivorId] = name.split('@');
  const corrections = corrected.map((one) => {
    const [eventId, owner] = one.split('@');
    return { eventId, survivorId: owner };
  });
  return { event: { id }, resolution: { survivorId }, corrections } as unknown as InterpretedEvent;
};

const runsOf = (events: InterpretedEvent[]) =>
  runsBetweenCorrections(events).map((run) => run.map(({ event: { id } }) => id).join(' '));

it.each([
  ['events that correct nothing', [event('a@x'), event('b@y'), event('c@x')], ['a b c']],
  [
    'corrections of one customer in a row',
    [event('a@x', ['1@x']), event('b@x', ['2@x']), event('c@x', ['1@x'])],
    ['a b c'],
  ],
  ['a correction before other events', [event('a@x', ['1@x']), event('b@x')], ['a b']],
  ['a correction of another customer', [event('a@x'), event('b@y', ['1@y'])], ['a b']],
])('keeps together %s', (_what, events, expected) => {
  expect(runsOf(events)).toEqual(expected);
});

it.each([
  ['whose customer has another event before', [event('a@x'), event('b@x', ['1@x'])], ['a', 'b']],
  ['of an event of the same run', [event('a@x', ['1@x']), event('b@x', ['a@x'])], ['a', 'b']],
  [
    'that takes a record from a customer with events before',
    [event('a@y'), event('b@x', ['1@y'])],
    ['a', 'b'],
  ],
])('begins a run with a correction %s', (_what, events, expected) => {
  expect(runsOf(events)).toEqual(expected);
});
