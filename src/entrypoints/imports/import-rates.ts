import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import { type ExchangeRate, parseRates } from '../../domains/records/exchange-rates/parse-rates.ts';
import { storeRates } from '../../domains/records/exchange-rates/store-rates.ts';
import type { Database } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { detectDelimiter } from './delimiter.ts';
import { readHead } from './inspect-file.ts';
import { readLines } from './read-lines.ts';
import { type Row, readRows } from './read-rows.ts';

interface ImportRatesOptions {
  workspaceId: string;
  file: string;
}

/** Sets the rates in a file, all or none. Returns how many it has, and how many were not known before. */
export async function importRates(
  database: Database,
  { workspaceId, file }: ImportRatesOptions,
): Promise<{ read: number; added: number }> {
  const [header, ...rows] = await readTable(file);
  const read = toReader(file, header?.fields ?? []);
  return database.inWorkspace(workspaceId, async (db) => {
    const { currency: ownCurrency } = await loadWorkspaceSettings(db);
    const placeOf = (index: number) => `line ${rows[index]?.line}`;
    const rates = parseRates(rows.map(read), { ownCurrency, placeOf });
    return { read: rates.length, added: await storeRates(db, rates, new Date()) };
  });
}

async function readTable(file: string): Promise<Row[]> {
  const { size, lines } = await readHead(file);
  const delimiter = detectDelimiter(lines.slice(0, 50));
  const chunks = readLines(file, { from: 0, to: size });
  return Array.fromAsync(readRows(chunks, { delimiter, line: 1 }));
}

/** A function that reads a rate from a row of a file with this header. */
function toReader(file: string, header: readonly string[]): (row: Row) => ExchangeRate {
  const [currency, date, rate] = ['currency', 'date', 'rate'].map((name) => {
    const index = header.findIndex((column) => column.toLowerCase() === name);
    if (index >= 0) return index;
    throw new InvalidInput(
      `${file} has no column "${name}". The first line must name the columns currency, date and rate.`,
    );
  });
  const field = ({ fields }: Row, index: number | undefined) => fields[index ?? -1] ?? '';
  return (row) => {
    if (row.problem) throw new InvalidInput(`line ${row.line}: ${row.problem}. No rate was set.`);
    return {
      currency: field(row, currency),
      effectiveOn: field(row, date),
      rate: field(row, rate),
    };
  };
}
