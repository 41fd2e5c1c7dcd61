import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawBuyer, drawOrderValue, repeatPurchases } from '../../src/entrypoints/demo/buyer.ts';
import { createSeededRandom, type Random } from '../../src/entrypoints/demo/random-variates.ts';
import { msPerDay } from '../../src/platform/time/ms-per-day.ts';

const original = join(import.meta.dirname, '../../../shared/data/CDNOW_master.txt');
const header = 'customer_id date number_of_cds dollar_value';

const begin = Date.UTC(1997, 0, 1);
const weeks = 78;

/** The purchases of one simulated customer, as lines in the format of the CDNOW log. */
function purchasesOf(random: Random, customer: number): string[] {
  const buyer = drawBuyer(random);
  const first = 12 * random();
  const ages = [0, ...repeatPurchases(random, buyer, weeks - first)];
  return ages.map((age) => {
    const day = new Date(begin + Math.floor((first + age) * 7) * msPerDay);
    const date = day.toISOString().slice(0, 10).replaceAll('-', '');
    const value = (drawOrderValue(random, buyer) / 100).toFixed(2);
    return `${String(customer).padStart(5, '0')} ${date} 1 ${value}`;
  });
}

function generate(customers: number): string[] {
  const random = createSeededRandom(1997);
  return Array.from({ length: customers }, (_, index) => purchasesOf(random, index + 1)).flat();
}

/** Whether the CDNOW log is available next to the repository. */
export const hasPurchaseLog = existsSync(original);
if (!hasPurchaseLog) {
  console.log(`Simulated purchases instead of the CDNOW log, which is not at ${original}.`);
}

export interface LoggedPurchase {
  customer: string;
  /** Such as 19970930. */
  date: string;
  amount: string;
}

/** The lines of a purchase log without the header: the CDNOW log's, or else those of a simulated shop. */
export async function readPurchaseLines(): Promise<string[]> {
  if (!hasPurchaseLog) return generate(2_000);
  return (await readFile(original, 'utf8')).trim().split('\n').slice(1);
}

export function parsePurchase(line: string): LoggedPurchase {
  const [customer = '', date = '', , amount = '0'] = line.trim().split(/\s+/);
  return { customer, date, amount };
}

/**
 * Writes a purchase log: the CDNOW log if it is available, otherwise a simulated one.
 *
 * @param customers limits the number of customers
 */
export async function writePurchaseLog(
  file: string,
  { customers = Number.POSITIVE_INFINITY, by }: { customers?: number; by: 'CUSTOMER' | 'DATE' },
): Promise<void> {
  const all = await readPurchaseLines();
  const lines = all.filter((line) => Number(parsePurchase(line).customer) <= customers);
  const dateOf = (line: string) => parsePurchase(line).date;
  if (by === 'DATE') lines.sort((a, b) => dateOf(a).localeCompare(dateOf(b)));
  await writeFile(file, [header, ...lines, ''].join('\n'));
}
