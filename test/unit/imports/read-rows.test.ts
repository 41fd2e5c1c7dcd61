import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { detectDelimiter } from '../../../src/entrypoints/imports/delimiter.ts';
import { type Line, readLines } from '../../../src/entrypoints/imports/read-lines.ts';
import { type Row, readRows } from '../../../src/entrypoints/imports/read-rows.ts';
import type { Delimiter } from '../../../src/entrypoints/imports/split-fields.ts';
import { isQuoteOpen, splitFields } from '../../../src/entrypoints/imports/split-fields.ts';
import { startImporter } from './fake-api.ts';

let importer: Awaited<ReturnType<typeof startImporter>>;
beforeEach(async () => {
  importer = await startImporter();
});
afterEach(() => importer.end());

const lines = (text: string): Line[] =>
  text.split('\n').map((part) => ({ text: part, end: 0, isTruncated: false }));

async function rows(text: string, delimiter: Delimiter = ',') {
  async function* chunks() {
    // One line per chunk, so that rows span chunks.
    for (const line of lines(text)) yield [line];
  }
  const found: Row[] = [];
  for await (const row of readRows(chunks(), { delimiter, line: 1 })) found.push(row);
  return found;
}

it.each<[Delimiter, string, string[]]>([
  [',', 'a, b ,c', ['a', 'b', 'c']],
  [',', 'a,"b, ""c""", "d"', ['a', 'b, "c"', 'd']],
  [';', 'a;1,5;', ['a', '1,5', '']],
  ['\t', 'a\t\tb c', ['a', '', 'b c']],
  ['|', '5" pipe|b|c', ['5" pipe', 'b', 'c']],
  ['blank', '  00001 19970101  1   11.77', ['00001', '19970101', '1', '11.77']],
  ['blank', ' "a b" c', ['a b', 'c']],
])('splits at %j: %j', (delimiter, text, fields) => {
  expect(splitFields(text, delimiter)).toEqual(fields);
});

it('parses every correctly quoted text', () => {
  const field = fc.string().map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      const text = fields.map((part) => `"${part.replaceAll('"', '""')}"`).join(',');
      expect(isQuoteOpen(text, ',')).toBe(false);
      expect(splitFields(text, ',')).toEqual(fields);
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['a,"b', true],
  ['a,"b"', false],
  ['a,"b""', true],
  ['a,5" b', false],
  ['a,5"" b', false],
  ['a, "b', true],
  ['"""a"', false],
  ['"""a', true],
  ['"""a"""', false],
])('detects whether %j ends inside quotation marks', (text, open) => {
  expect(isQuoteOpen(text, ',')).toBe(open);
});

it('joins a quoted field over several lines and counts its lines', async () => {
  const found = await rows('a,"b\nc",d\n\ne,f,g');

  expect(found.map(({ line, lastLine, fields }) => ({ line, lastLine, fields }))).toEqual([
    { line: 1, lastLine: 2, fields: ['a', 'b\nc', 'd'] },
    { line: 4, lastLine: 4, fields: ['e', 'f', 'g'] },
  ]);
});

it('rejects one line, not the file, for an unclosed quotation mark', async () => {
  const found = await rows('a,"b,c\nd,e,f\ng,h,i');

  expect(found.map(({ line, problem }) => [line, problem !== undefined])).toEqual([
    [1, true],
    [2, false],
    [3, false],
  ]);
});

it('rejects one line for an unclosed quotation mark in a file full of quotation marks', async () => {
  const found = await rows('"a","b\n"c","d"\n"e","f"');

  expect(found.map(({ fields }) => fields)).toContainEqual(['e', 'f']);
  expect(found.map(({ fields }) => fields)).toContainEqual(['c', 'd']);
});

it('reads lines of any length and line end with their byte offsets', async () => {
  const long = 'x'.repeat(3_000_000);
  const file = importer.path('lines.txt');
  await writeFile(file, `\uFEFFé\r\n${long}\nb\n\nlast`);

  const found: Line[] = [];
  for await (const part of readLines(file, { from: 0, to: 3_000_015 })) found.push(...part);

  expect(found.map(({ text, end, isTruncated }) => [text.slice(0, 5), end, isTruncated])).toEqual([
    ['é', 7, false],
    ['xxxxx', 3_000_008, true],
    ['b', 3_000_010, false],
    ['', 3_000_011, false],
    ['last', 3_000_015, false],
  ]);
});

it.each<[string[], Delimiter]>([
  [['a,b,c', '1,2,3'], ','],
  [['a;b;c', 'x;y;1,5', 'x;y;2,5'], ';'],
  [['a\tb c', 'd e\tf'], '\t'],
  [['a|b', '"x|y"|c'], '|'],
  [[' id  date', ' 00001 19970101'], 'blank'],
  [['a,b', 'the name, of it', 'x,y'], ','],
])('detects the delimiter of %j', (sample, delimiter) => {
  expect(detectDelimiter(sample)).toBe(delimiter);
});

it('requires --delimiter if it cannot be detected', () => {
  expect(() => detectDelimiter(['abc', 'def'])).toThrow(/--delimiter comma/);
});
