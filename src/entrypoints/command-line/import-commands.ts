import type { Command } from 'commander';
import { loadConfig } from '../../platform/config.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { readServerNote } from '../../platform/server-note.ts';
import { parseColumnMap } from '../imports/column-map.ts';
import { importOrders, type OrderImport } from '../imports/import-orders.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { withInterruption } from './interruption.ts';
import { inSession } from './session.ts';
import { createTemporaryKey } from './temporary-key.ts';

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
  if (key !== undefined) {
    const work = (signal: AbortSignal) => importOrders({ ...request, key, signal }, process.stdout);
    return void (await withInterruption((signal) => orAborted(work(signal), signal), advice));
  }
  if (url !== undefined) throw new InvalidInput('Say --key with --url: a key of that server.');
  await importWithTemporaryKey(request, workspace);
}

const advice =
  'Run the same command again to go on after the last batch that was acknowledged; nothing will count twice.';

/** Whoever may open the database may import: the key exists for as long as the import runs. */
const importWithTemporaryKey = (request: Omit<OrderImport, 'key'>, workspace: string | undefined) =>
  inSession(async (session) => {
    const { id } = await chooseWorkspace(session.database, workspace);
    const key = await createTemporaryKey(session, id, {
      name: 'Import',
      scopes: ['ingest', 'read'],
    });
    await importOrders({ ...request, key, signal: session.signal }, process.stdout);
  }, advice);

async function findServer() {
  const { dataFolder } = loadConfig();
  const note = await readServerNote(dataFolder);
  if (note) return note.url;
  throw new InvalidInput(
    `No server is running on the data folder ${dataFolder}. Start one with npm start, or say --url and --key.`,
  );
}
