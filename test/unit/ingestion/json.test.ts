import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isStorableText, isTooDeep } from '../../../src/engine/ingestion/json.ts';

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

it('accepts a value of 32 levels and refuses one of 33', () => {
  expect(isTooDeep(nested(32))).toBe(false);
  expect(isTooDeep(nested(33))).toBe(true);
  expect(isTooDeep([[nested(30)], 'b', null])).toBe(false);
  expect(isTooDeep([[nested(31)], 'b', null])).toBe(true);
});

it('stops traversing a value that is too deep', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];

  expect(isTooDeep(deep)).toBe(true);
});

it.each([
  ['plain', true],
  ['\u0000', false],
  ['a\u0000b', false],
  ['\ud800', false],
  ['\udc00', false],
  ['\udc00\ud800', false],
  ['😀', true],
  ['\\u0000', true],
  ['\\\\u0000', true],
  ['\\\u0000', false],
  ['\\\\\u0000', false],
  ['\\ud800', true],
  ['\u001f', true],
])('decides for %j whether PostgreSQL can store it', (text, storable) => {
  expect(isStorableText(JSON.stringify({ text }))).toBe(storable);
  expect(isStorableText(JSON.stringify({ [text]: 1 }))).toBe(storable);
});

/** Every string in a value, property names included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsIn(part)]);
}

const canBeKept = (text: string) => text.isWellFormed() && !text.includes('\0');

it('agrees with a scan of every text in the value', () => {
  const piece = fc.constantFrom(
    '\\',
    'u',
    '0000',
    'd800',
    '\0',
    '\ud83d',
    '\ude00',
    '"',
    'x',
    '\n',
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  }));

  fc.assert(
    fc.property(value, (generated) => {
      const json = JSON.stringify(generated);

      // The generated value, not JSON.parse(json): V8 13.6 parses a key of one escaped character as a backslash after it
      // has parsed an object with that key.
      expect(isStorableText(json)).toBe(textsIn(generated).every(canBeKept));
    }),
    { numRuns: 2_000 },
  );
});
