import { expect, it } from 'vitest';
import { parseColumnMap } from '../../../src/entrypoints/imports/column-map.ts';
import { resolveColumns } from '../../../src/entrypoints/imports/resolve-columns.ts';

const full =
  'customer=customer_id, date=date,amount=dollar_value,order=5,properties.cds=number_of_cds';

it('parses columns by name, by number and as properties', () => {
  expect(parseColumnMap(full)).toEqual({
    customer: 'customer_id',
    date: 'date',
    amount: 'dollar_value',
    order: '5',
    properties: { cds: 'number_of_cds' },
  });
});

it.each([
  ['customer=a,date=b', /has no column for amount: add amount=COLUMN/],
  ['customer=a,date=b,amount', /"amount" in the mapping is not FIELD=COLUMN/],
  ['customer=a,date=b,amount=c,amount=d', /has "amount=" twice/],
  ['customer=a,date=b,amount=c,cds=d', /use properties\.cds=COLUMN/],
  ['customer=a,date=b,amount=c,properties.total=d', /Use amount=, which sets this property/],
  ['customer=a,date=b,amount=c,properties.=d', /"properties\." is not a field of the mapping/],
  ['', /is not FIELD=COLUMN/],
])('explains what is wrong with %j', (text, message) => {
  expect(() => parseColumnMap(text)).toThrow(message);
});

it('finds columns by name, by name in another case, and by number', () => {
  const map = parseColumnMap('customer=Customer,date=DATE,amount=3');

  const columns = resolveColumns(map, { header: ['Customer', 'Date', 'Sum'], width: 3 });

  expect([...columns].map(([field, { index }]) => [field, index])).toEqual([
    ['customer', 0],
    ['date', 1],
    ['amount', 2],
  ]);
});

it('lists the columns of the file when one is missing', () => {
  const map = parseColumnMap('customer=custmer,date=date,amount=3');

  expect(() => resolveColumns(map, { header: ['customer', 'date', 'sum'], width: 3 })).toThrow(
    /no column "custmer"\. Its columns are: customer, date, sum/,
  );
  expect(() => resolveColumns(map, { width: 3 })).toThrow(
    /is not a column number.* use numbers from 1 to 3/,
  );
});
