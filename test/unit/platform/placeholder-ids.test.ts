import { expect, it } from 'vitest';
import {
  createPlaceholderIds,
  defaultPlaceholderIds,
} from '../../../src/platform/placeholder-ids.ts';

const placeholders = createPlaceholderIds(defaultPlaceholderIds);

it.each([
  ...['undefined', 'null', 'None', 'NaN', '[object Object]', '0', 'anonymous', 'GUEST', 'true'],
  ...['-1', 'N/A', '00000000-0000-0000-0000-000000000000', ' null ', '"null"', "'undefined'"],
  ...['', '   ', '\t\n', '\u00a0', '\u200b', '""'],
])('takes %j for nobody', (id) => {
  expect(placeholders.has(id)).toBe(true);
});

it.each([
  'u1',
  '1',
  '00',
  '10',
  'guest-5',
  'nullable',
  'anna',
  '"',
  '00000000-0000-0000-0000-000000000001',
])('takes %j for an id', (id) => {
  expect(placeholders.has(id)).toBe(false);
});

it('knows only the ids of its list, and blanks', () => {
  const own = createPlaceholderIds(['Walk-in']);

  expect(['walk-in', ' ', 'guest'].map(own.has)).toEqual([true, true, false]);
});
