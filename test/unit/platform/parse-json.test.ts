import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson, quoteLargeIntegers } from '../../../src/platform/parse-json.ts';

it.each([
  ['{"userId":1579634563736238021}', { userId: '1579634563736238021' }],
  ['{"userId": -1579634563736238021 }', { userId: '-1579634563736238021' }],
  ['[9007199254740991,9007199254740992]', [9_007_199_254_740_991, '9007199254740992']],
  ['[-9007199254740991,-9007199254740992]', [-9_007_199_254_740_991, '-9007199254740992']],
  ['{"a":{"b":[1,\n12345678901234567890]}}', { a: { b: [1, '12345678901234567890'] } }],
  ['{"id":"1579634563736238021","n":1}', { id: '1579634563736238021', n: 1 }],
  ['{"text":"see :1579634563736238021","n":5}', { text: 'see :1579634563736238021', n: 5 }],
  [
    '{"a":12345678901234567.5,"b":1234567890123456789e2}',
    { a: 12345678901234568, b: 1.2345678901234568e20 },
  ],
  ['{"a":0.1234567890123456789}', { a: Number('0.1234567890123456789') }],
])('parses %s', (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
  expect(JSON.parse(quoteLargeIntegers(text))).toEqual(expected);
});

it('keeps the digits of every integer, and parses everything else as JSON.parse does', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((number) => (Object.is(number, -0) ? 0 : number)),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  }));
  const write = (given: unknown, toText: (integer: bigint) => string): string => {
    if (typeof given === 'bigint') return toText(given);
    if (Array.isArray(given)) return `[${given.map((part) => write(part, toText)).join(',')}]`;
    if (typeof given !== 'object' || given === null) return exactDouble(given);
    const entries = Object.entries(given);
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}: ${write(part, toText)}`).join(', ')}}`;
  };
  const isSafe = (integer: bigint) => Number.isSafeInteger(Number(integer));

  fc.assert(
    fc.property(value, (given) => {
      const sent = write(given, String);
      const expected = write(given, (integer) => (isSafe(integer) ? `${integer}` : `"${integer}"`));

      expect(parseJson(sent)).toEqual(JSON.parse(expected));
    }),
    { numRuns: 2_000 },
  );
});

/** A double in the form with an exponent if it is a large integer, so that it is no integer literal. */
const exactDouble = (given: unknown) =>
  typeof given === 'number' && !Number.isSafeInteger(given)
    ? given.toExponential()
    : JSON.stringify(given);

it('refuses a text that is nested too deeply or is not JSON', () => {
  const digits = '1234567890123456789';

  expect(() => parseJson(`{"a": ${digits}`)).toThrow(SyntaxError);
  expect(() => parseJson(`{"a": 0${digits}}`)).toThrow(SyntaxError);
  expect(() => parseJson(`${'['.repeat(100_000)} ${digits}${']'.repeat(100_000)}`)).toThrow(
    RangeError,
  );
});
