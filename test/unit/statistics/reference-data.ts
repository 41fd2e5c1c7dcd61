import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import type { PurchaseHistory } from '../../../src/statistics/models/purchase-history.ts';
import type { Purchase } from '../../../src/statistics/models/purchase-summary.ts';

const folder = join(import.meta.dirname, '../../../../shared');
const figures = join(folder, 'churn-expected.json');

/** Whether the published data are missing; they are stored next to the repository. */
export const isReferenceMissing =
  !existsSync(figures) || !existsSync(join(folder, 'data', 'CDNOW_master.txt'));
if (isReferenceMissing) {
  console.log(`Skipped: the published figures and data are not in ${folder}.`);
}

interface Item {
  id: string;
  expected: unknown;
  tolerance: number | Record<string, number>;
  input?: unknown;
}

/** One or several published figures, with their tolerance. */
export function published<Expected, Input = undefined>(id: string) {
  const { items } = JSON.parse(readFileSync(figures, 'utf8')) as { items: Item[] };
  const item = items.find((one) => one.id === id);
  if (!item) throw new Error(`There is no figure ${id}`);
  const { expected, tolerance, input } = item;
  return { expected: expected as Expected, tolerance, input: input as Input };
}

const readLines = (file: string) =>
  readFileSync(join(folder, 'data', file), 'utf8')
    .trim()
    .split(/\r?\n/);

/** Reads a comma-separated file with a header: each row by column. */
export function readTable(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readLines(file);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

/** The 2,357 customers of the CDNOW sample, in weeks up to 1997-09-30. */
export const readCdnowSample = (): PurchaseHistory[] =>
  readTable('cdnow_customers_summary.csv').map(({ frequency, recency, T }) => ({
    x: Number(frequency),
    tx: Number(recency),
    T: Number(T),
  }));

/** The customers of the sample with repeat purchases, and their mean spend. */
export const readCdnowSpend = () =>
  readTable('cdnow_customers_summary_with_transactions.csv').map(({ x, zbar }) => ({
    x: Number(x),
    m: Number(zbar),
  }));

/** A date such as 1997-09-30 or 19970930 as a day number. */
export function dayNumberOf(date: string): number {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(date) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / msPerDay;
}

/** The log of the whole CDNOW cohort of 23,570 customers. */
export const readCdnowLog = (): Purchase[] =>
  readLines('CDNOW_master.txt')
    .slice(1)
    .map((line) => {
      const [customer = '', date = '', , amount] = line.trim().split(/\s+/);
      return { customer, day: dayNumberOf(date), amount: Number(amount) };
    });

/** Which customers of the log are in the sample. */
export const readCdnowSampleIds = (): Set<string> =>
  new Set(readLines('CDNOW_sample.txt').map((line) => line.trim().split(/\s+/)[0] ?? ''));

/** Remission of leukaemia patients, in weeks; group 1 got a placebo, group 2 6-MP. */
export const readGehan = () =>
  readLines('gehan.dat').map((line) => {
    const [group, time, event] = line.trim().split(/\s+/).map(Number);
    return { group, time: time ?? Number.NaN, hasEvent: event === 1 };
  });

/**
 * The telco customers: every column as in R's model matrix, a number or one indicator per value after the first, by name
 * such as "Contract=One year".
 */
export function readTelco() {
  const rows = readTable('telco_customer_churn.csv');
  const numbers = ['SeniorCitizen', 'tenure', 'MonthlyCharges', 'TotalCharges'];
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => !['customerID', 'Churn'].includes(name),
  );
  const columns = names.flatMap((name) => {
    // TotalCharges is blank for the eleven customers that have not been charged yet.
    if (numbers.includes(name)) return [{ name, of: (text: string) => Number(text), from: name }];
    const values = [...new Set(rows.map((row) => row[name]))].sort();
    return values.slice(1).map((value) => ({
      name: `${name}=${value}`,
      of: (text: string) => Number(text === value),
      from: name,
    }));
  });
  return rows.map((row) => ({
    contract: row['Contract'] ?? '',
    tenure: Number(row['tenure']),
    columns: Object.fromEntries(columns.map(({ name, of, from }) => [name, of(row[from] ?? '')])),
    hasChurned: row['Churn'] === 'Yes',
  }));
}
