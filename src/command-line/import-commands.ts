import type { Command } from 'commander';
import { createKey, revokeKey } from '../access/keys.ts';
import { parseColumnMap } from '../imports/column-map.ts';
import { importOrders, type OrderImport } from '../imports/import-orders.ts';
import { loadConfig } from '../platform/config.ts';
import { InvalidInput } from '../platform/errors.ts';
import { readServerNote } from '../platform/server-note.ts';
import { chooseWorkspace, inSession } from './session.ts';

interface ImportOptions extends Partial<Omit<OrderImport, 'file' | 'map' | 'rejectedFile'>> {
  map: string;
  workspace?: string;
  rejected?: string;
}

export function addImportCommands(program: Command) {
  program
    .command('import')
    .description('bring in history')
    .command('orders <file>')
    .description('each line of a delimited file becomes an "Order Completed", in order')
    .requiredOption('--map <columns>', 'such as customer=customer_id,date=date,amount=dollar_value')
    .option('--url <url>', 'the server; found by itself when it runs on this data folder')
    .option('--key <key>', 'a key with the scopes ingest and read; made for the import when absent')
    .option('--workspace <name or id>', 'without --key: where the orders go')
    .option('--source <name>', 'under which the lines are known; the file name when absent')
    .option('--delimiter <character>', 'a character, "tab" or "blank"; detected when absent')
    .option('--no-header', 'the first line is an order already')
    .option('--date-format <format>', 'luxon format of the dates; the usual ones are recognised')
    .option('--time-zone <name>', "of dates without one; the workspace's when absent")
    .option('--currency <code>', "of the amounts; the workspace's when absent")
    .option('--rejected <file>', 'where the lines that were left out go')
    .action(runImport);
}

async function runImport(file: string, options: ImportOptions) {
  const { map, workspace, rejected, url, key, ...rest } = options;
  const request = {
    ...rest,
    ...(rejected === undefined ? {} : { rejectedFile: rejected }),
    file,
    map: parseColumnMap(map),
    url: url ?? (await findServer()),
  };
  if (key !== undefined) return void (await importOrders({ ...request, key }, process.stdout));
  if (url !== undefined) throw new InvalidInput('Say --key with --url: a key of that server.');
  await withKeyForImport(workspace, (made) =>
    importOrders({ ...request, key: made }, process.stdout),
  );
}

async function findServer() {
  const { dataFolder } = loadConfig();
  const note = await readServerNote(dataFolder);
  if (note) return note.url;
  throw new InvalidInput(
    `No server is running on the data folder ${dataFolder}. Start one with npm start, or say --url and --key.`,
  );
}

/** Whoever may open the database may import: the key exists for as long as the import runs. */
const withKeyForImport = (workspace: string | undefined, work: (key: string) => Promise<unknown>) =>
  inSession(async ({ database }) => {
    const { id } = await chooseWorkspace(database, workspace);
    const made = await createKey(database, id, { name: 'Import', scopes: ['ingest', 'read'] });
    try {
      await work(made.key);
    } finally {
      await revokeKey(database, id, made.id);
    }
  });
