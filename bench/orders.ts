import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from './support/server.ts';
import { createUniform } from './uniform.ts';

const cdnow = join(projectFolder, '..', 'shared', 'data', 'CDNOW_master.txt');

/** A purchase log as text, sorted by customer: the worst case of an import, and a common one. */
export interface OrderLog {
  name: string;
  text: string;
}

export interface BenchOrder {
  customer: string;
  date: string;
  quantity: number;
  amount: string;
}

/** The CDNOW log if it is available, otherwise a simulated log of the same size and shape. */
export async function loadOrderLog(): Promise<OrderLog> {
  const text = await readFile(cdnow, 'utf8').catch(() => undefined);
  if (text !== undefined) return { name: 'CDNOW_master.txt', text };
  return { name: 'generated orders (CDNOW_master.txt is not at hand)', text: generateOrders() };
}

export async function writeOrderLog(log: OrderLog, folder: string): Promise<string> {
  const path = join(folder, 'orders.txt');
  // A copy, because an import stores its checkpoint next to the file.
  await (log.name.startsWith('CDNOW') ? copyFile(cdnow, path) : writeFile(path, log.text));
  return path;
}

export function readOrders({ text }: OrderLog): BenchOrder[] {
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [customer = '', date = '', quantity = '', amount = ''] = line.trim().split(/\s+/);
      return { customer, date, quantity: Number(quantity), amount };
    });
}

/** The expected totals after an import, counted from the log. */
export function expectedTotals(orders: readonly BenchOrder[]) {
  const counts = new Map<string, number>();
  for (const { customer } of orders) counts.set(customer, (counts.get(customer) ?? 0) + 1);
  const stageChanges = [...counts.values()].reduce(
    (sum, count) => sum + 1 + Number(count >= 2) + Number(count >= 5),
    0,
  );
  return { customers: counts.size, orders: orders.length, stageChanges };
}

/** Half of the customers buy once; the others three to four times more on average. */
function generateOrders(): string {
  const random = createUniform(1);
  const lines = [' customer_id  date number_of_cds  dollar_value'];
  for (let customer = 1; customer <= 23_570; customer += 1) {
    const repeats = random() < 0.5 ? 0 : Math.ceil(-Math.log(1 - random()) * 3.5);
    const days = Array.from({ length: 1 + repeats }, () => Math.floor(random() * 546));
    for (const day of days.toSorted((a, b) => a - b)) {
      const date = new Date(Date.UTC(1997, 0, 1 + day)).toISOString().slice(0, 10);
      const quantity = 1 + Math.floor(random() * 4);
      const amount = (quantity * (8 + random() * 10)).toFixed(2);
      const id = String(customer).padStart(5, '0');
      lines.push(` ${id} ${date.replaceAll('-', '')} ${quantity} ${amount}`);
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}
