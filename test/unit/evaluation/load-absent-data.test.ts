import { expect, it } from 'vitest';
import { findAbsentData } from '../../../src/engine/evaluation/load-absent-data.ts';
import type { Snapshot } from '../../../src/engine/evaluation/snapshot.ts';

const needs = {
  columns: new Set(['lead_at', 'signed_up_at'] as const),
  traits: new Set(['plan', 'country']),
  eventNames: new Set(['Opened', 'Closed']),
  names: false,
};

const nothing = { lead_at: null, signed_up_at: null, traits: {}, event_names: [] };

it.each<[string, Array<Snapshot['values']>, string[], string[], string[]]>([
  ['no customer', [], ['lead_at', 'signed_up_at'], ['plan', 'country'], ['Opened', 'Closed']],
  [
    'a customer without data',
    [nothing],
    ['lead_at', 'signed_up_at'],
    ['plan', 'country'],
    ['Opened', 'Closed'],
  ],
  [
    'a column',
    [{ ...nothing, lead_at: new Date(0) }],
    ['signed_up_at'],
    ['plan', 'country'],
    ['Opened', 'Closed'],
  ],
  [
    'a trait, even one that is null',
    [{ ...nothing, traits: { plan: null } }],
    ['lead_at', 'signed_up_at'],
    ['country'],
    ['Opened', 'Closed'],
  ],
  [
    'an event',
    [{ ...nothing, event_names: ['Closed'] }],
    ['lead_at', 'signed_up_at'],
    ['plan', 'country'],
    ['Opened'],
  ],
  [
    'more events than are listed',
    [{ ...nothing, event_names: null }],
    ['lead_at', 'signed_up_at'],
    ['plan', 'country'],
    [],
  ],
  [
    'different data of two customers',
    [
      { ...nothing, lead_at: 1 },
      { ...nothing, signed_up_at: 1, event_names: ['Opened'] },
    ],
    [],
    ['plan', 'country'],
    ['Closed'],
  ],
])('finds what is absent with %s', (_case, values, columns, traits, eventNames) => {
  const snapshots = values.map((one) => ({ arrival: null, values: one }));
  const absent = findAbsentData(snapshots, needs);

  expect({
    columns: [...absent.columns],
    traits: [...absent.traits],
    eventNames: [...absent.eventNames],
  }).toEqual({ columns, traits, eventNames });
});
