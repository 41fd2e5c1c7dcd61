import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseColumnMap } from '../../../src/entrypoints/imports/column-map.ts';
import type { ImportOrdersOptions } from '../../../src/entrypoints/imports/import-orders.ts';
import { startImporter } from './fake-api.ts';

let importer: Awaited<ReturnType<typeof startImporter>>;
beforeEach(async () => {
  importer = await startImporter();
});
afterEach(() => importer.end());

const header = 'customer,date,amount\n';
const line = (n: number) => `c${n},20240101,${n}.50`;
const many = (count: number) =>
  header + Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('');
const customers = () => importer.api.calls.map((call) => call.userId);

it('sends each line as a completed order, dated in the time zone of the workspace', async () => {
  const file = await importer.file(
    'orders.txt',
    ' id date cds usd \r\n 0001 19970101  1   12.30\r\n',
  );
  const map = parseColumnMap('customer=id,date=date,amount=usd,properties.cds=cds');

  const summary = await importer.import({ file, map });

  expect(importer.api.calls).toEqual([
    {
      type: 'track',
      event: 'Order Completed',
      userId: '0001',
      messageId: expect.stringMatching(/^import-/),
      timestamp: '1997-01-01T05:00:00.000Z',
      properties: { total: 12.3, currency: 'USD', cds: 1 },
    },
  ]);
  expect(importer.api.authorization).toBe('Bearer sk_test');
  expect(summary).toMatchObject({ lines: 1, accepted: 1, duplicates: 0, rejected: 0 });
  expect(importer.output.join('')).toContain('1 lines read: 1 orders accepted.');
});

it('reads optional columns and omits empty values', async () => {
  const file = await importer.file(
    'orders.csv',
    '\uFEFFc;d;a;o;k;m;q\nx;2024-01-01;1;o-1;eur;x@example.com;2\ny;2024-01-01;2;;;;\n',
  );
  const map = parseColumnMap('customer=c,date=d,amount=a,order=o,currency=k,email=m,quantity=q');

  await importer.import({ file, map, timeZone: 'UTC', currency: 'chf' });

  expect(importer.api.calls[0]).toMatchObject({
    properties: { order_id: 'o-1', total: 1, currency: 'EUR', quantity: 2 },
    context: { traits: { email: 'x@example.com' } },
  });
  expect(importer.api.calls[1]?.properties).toEqual({ total: 2, currency: 'CHF' });
  expect(importer.api.calls[1]).not.toHaveProperty('context');
});

it('reads columns by number and detects a header', async () => {
  const map = parseColumnMap('customer=1,date=2,amount=3');
  const without = await importer.file('without.csv', 'a,20240101,1\nb,20240102,2\n');
  const withOne = await importer.file('with.csv', 'who,when,how much\nc,20240101,1\n');

  await importer.import({ file: without, map });
  await importer.import({ file: withOne, map });
  await importer.import({ file: without, map, header: true, source: 'said otherwise' });

  expect(customers()).toEqual(['a', 'b', 'c', 'b']);
});

it('counts two identical lines as two orders, and neither twice', async () => {
  const file = await importer.file('orders.csv', `${header}a,20240101,1\na,20240101,1\n`);

  const first = await importer.import({ file });
  const second = await importer.import({ file });

  expect(first).toMatchObject({ accepted: 2, duplicates: 0 });
  expect(second).toMatchObject({ accepted: 0, duplicates: 2 });
});

it('adds only appended lines when a file is imported again', async () => {
  const file = await importer.file('orders.csv', `${header}a,20240101,1`);
  await importer.import({ file });
  await importer.file('orders.csv', `${header}a,20240101,1\nb,20240101,1\n`);

  expect(await importer.import({ file })).toMatchObject({ accepted: 1, duplicates: 1 });
});

it('rejects invalid lines with their reasons and imports all others', async () => {
  const bad = ['a,20240101,"1,000.00"', ',20240101,1', 'b,soon,1', 'c,20240101', 'd,"2024,1'];
  const file = await importer.file('orders.csv', `${many(2)}${bad.join('\n')}\nz,20240101,1\n`);
  importer.api.refuse = (call) => (call.userId === 'c1' ? 'This customer is "odd".' : undefined);

  const summary = await importer.import({ file });

  expect(customers()).toEqual(['c0', 'z']);
  expect(summary).toMatchObject({ lines: 8, accepted: 2, rejected: 6 });
  expect(summary.rejectedFile).toBe(importer.path('orders.csv.rejected.csv'));
  const rejected = await readFile(importer.path('orders.csv.rejected.csv'), 'utf8');
  expect(rejected.split('\n')).toEqual([
    'line,reason,text',
    '3,"refused by the server: This customer is ""odd"". (INVALID)","c1,20240101,1.50"',
    expect.stringMatching(
      /^4,"column amount \(amount\): .*has a comma.*","a,20240101,""1,000.00"""$/,
    ),
    '5,"column customer (customer): is empty",",20240101,1"',
    expect.stringMatching(/^6,"column date \(date\): ""soon"" is not a date/),
    '7,"has 2 columns instead of 3","c,20240101"',
    '8,"a quotation mark is not closed","d,""2024,1"',
    '',
  ]);
});

it('accepts a response that refuses every order of a batch', async () => {
  const file = await importer.file('orders.csv', many(2));
  importer.api.refuse = () => 'no';

  expect(await importer.import({ file })).toMatchObject({ accepted: 0, rejected: 2 });
});

it('sends batches within the limits, in order, one at a time', async () => {
  const file = await importer.file('orders.csv', many(2500));

  await importer.import({ file, batchBytes: 100_000 });

  expect(customers()).toEqual(Array.from({ length: 2500 }, (_, n) => `c${n}`));
  expect(importer.api.maxInFlight).toBe(1);
  expect(Math.max(...importer.api.bodies.map((body) => Buffer.byteLength(body)))).toBeLessThan(
    100_000,
  );
});

it('waits for a busy server as long as it requests, with back-off', async () => {
  const file = await importer.file('orders.csv', many(3));
  let refusals = 3;
  importer.api.interfere = () =>
    refusals-- > 0 ? { status: 503, headers: { 'retry-after': '2' } } : undefined;

  expect(await importer.import({ file })).toMatchObject({ accepted: 3 });

  expect(importer.waits).toEqual([2500, 3000, 4000]);
  expect(importer.output.join('')).toContain('the server responds with 503');
});

it('stops after five minutes without progress and says how to resume', async () => {
  const file = await importer.file('orders.csv', many(1200));
  importer.api.interfere = (answered) => (answered >= 1 ? { status: 503 } : undefined);

  await expect(importer.import({ file })).rejects.toThrow(
    /No response .* 300 seconds \(last failure: the server responds with 503\).*same command/,
  );

  expect(importer.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(360_000);
});

it('resumes after an interruption, rejected lines included', async () => {
  const text = `${many(1500)}bad line\n${line(7777)}\n`.replace('c3,20240101,3.50', 'c3,never,3');
  const file = await importer.file('orders.csv', text);
  importer.api.interfere = (answered) => (answered >= 1 ? { status: 401 } : undefined);
  await expect(importer.import({ file })).rejects.toThrow(/does not accept this key/);
  expect(await readdir(importer.folder)).toContain('orders.csv.stageline-checkpoint.json');
  importer.api.interfere = () => undefined;

  const summary = await importer.import({ file });

  expect(summary).toMatchObject({ lines: 1502, accepted: 1500, duplicates: 0, rejected: 2 });
  expect(customers().length).toBe(1500);
  // Two calls verify that the server has the lines of the checkpoint; then the rest follows.
  expect(importer.api.bodies.map((body) => JSON.parse(body).batch.length)).toEqual([
    999, 1, 1, 501,
  ]);
  const rejected = await readFile(importer.path('orders.csv.rejected.csv'), 'utf8');
  expect(rejected.split('\n').map((row) => row.split(',')[0])).toEqual(['line', '5', '1502', '']);
  expect((await readdir(importer.folder)).sort()).toEqual([
    'orders.csv',
    'orders.csv.rejected.csv',
  ]);
});

it('starts over if the server has lost acknowledged lines', async () => {
  const file = await importer.file('orders.csv', many(1500));
  importer.api.interfere = (answered) => (answered >= 1 ? { status: 404 } : undefined);
  await expect(importer.import({ file })).rejects.toThrow(/no Stageline server/);
  importer.api.interfere = () => undefined;
  importer.api.known.clear();
  importer.api.calls.length = 0;

  const summary = await importer.import({ file });

  expect(summary).toMatchObject({ lines: 1500, accepted: 1499, duplicates: 1 });
  expect(new Set(customers()).size).toBe(1500);
});

it.each<[string, Partial<ImportOrdersOptions> & { text?: string }]>([
  ['the file has changed', { text: many(1500).replace('c5,', 'other,') }],
  ['the key is for another workspace', { key: 'sk_other' }],
  ['the mapping is different', { map: parseColumnMap('customer=1,date=2,amount=3') }],
])('starts over if %s', async (_what, { text, ...changed }) => {
  const file = await importer.file('orders.csv', many(1500));
  importer.api.interfere = (answered) => (answered >= 1 ? { status: 403 } : undefined);
  await expect(importer.import({ file })).rejects.toThrow(/scope/);
  importer.api.interfere = () => undefined;
  if (text) await importer.file('orders.csv', text);

  expect(await importer.import({ file, ...changed })).toMatchObject({ lines: 1500 });
});

it('ignores an invalid checkpoint', async () => {
  const file = await importer.file('orders.csv', many(3));
  await importer.file('orders.csv.stageline-checkpoint.json', '{"end":');

  expect(await importer.import({ file })).toMatchObject({ accepted: 3 });
});

it('requires the time zone if the key cannot read it', async () => {
  const file = await importer.file('orders.csv', many(1));
  importer.api.settings = { errors: [{ message: 'forbidden' }] };

  await expect(importer.import({ file })).rejects.toThrow(/--time-zone/);
  expect(await importer.import({ file, timeZone: 'UTC' })).toMatchObject({ accepted: 1 });
});

it.each([
  ['a wrong address', { url: 'localhost:4000' }, /is not the URL of a server/],
  ['an unknown time zone', { timeZone: 'Mars/Olympus' }, /is not a time zone/],
  ['an unknown delimiter', { delimiter: 'dash' }, /is not a delimiter/],
  ['an invalid currency', { currency: 'euro' }, /not an ISO 4217/],
])('refuses %s before sending anything', async (_what, request, message) => {
  const file = await importer.file('orders.csv', many(1));

  await expect(importer.import({ file, ...request })).rejects.toThrow(message);
  expect(importer.api.bodies).toEqual([]);
});

it.each([
  ['\u001F\u008B', /compressed/],
  ['PK\u0003\u0004', /spreadsheet/],
  ['', /no lines/],
])('explains why a file that starts with %j is refused', async (text, message) => {
  const file = importer.path('orders.csv');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, Buffer.from(text, 'latin1'));

  await expect(importer.import({ file })).rejects.toThrow(message);
});

it('reports an unreachable address after seconds, not minutes', async () => {
  const file = await importer.file('orders.csv', many(1));

  await expect(importer.import({ file, url: 'http://127.0.0.1:1' })).rejects.toThrow(
    /for 15 seconds \(last failure: no connection/,
  );
});
