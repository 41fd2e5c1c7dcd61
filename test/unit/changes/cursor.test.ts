import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCursor, parseCursor } from '../../../src/engine/changes/cursor.ts';
import { InvalidInput } from '../../../src/platform/errors.ts';

it('round-trips every cursor', () => {
  const cursors = fc.record({
    epoch: fc.stringMatching(/^[0-9a-z]{8,32}$/),
    position: fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
  });
  fc.assert(
    fc.property(cursors, (cursor) => {
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    }),
  );
});

it.each([
  '',
  '5',
  'abcdef0123',
  'abcdef0123.',
  'abcdef0123.-1',
  'abcdef0123.01',
  'abcdef0123.1.2',
  'abcdef0123.1 ',
  'abcdef0123.1\n',
  'ABCDEF0123.1',
  'short.1',
  'abcdef0123.1234567890123456789',
  `${'a'.repeat(33)}.1`,
])('refuses %j as a cursor', (text) => {
  expect(() => parseCursor(text)).toThrow(InvalidInput);
});
