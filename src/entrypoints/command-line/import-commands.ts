import type { Command } from 'commander';
import { loadConfig } from '../../platform/config.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { orAborted } from '../../platform/or-aborted.ts';
import { readServerNote } from '../../platform/server-note.ts';
import { parseColumnMap } from '../imports/column-map.ts';
import { type ImportOrdersOptions, importOrders } from '../imports/import-orders.ts';
import { importRates } from '../imports/import-rates.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { withInterruption } from './interruption.ts';
import { inSession } from './session.ts';
import { createTemporaryKey } from './temporary-key.ts';

interface ImportOptions
  extends Partial<Omit<ImportOrdersOptions, 'file' | 'map' | 'rejectedFile'>> {
  map: string;
  workspace?: string;
  rejected?: string;
}

export function addImportCommands(program: Command) {
  const imports = program.command('import').description('import historical data');

  imports
    .command('rates <file>')
    .description(
      'set exchange rates from a delimited file with the columns currency, date and rate',
    )
    .option('--workspace <name or id>', 'target workspace')
    .action((file: string, { workspace }: { workspace?: string }) =>
      inSession(async ({ database }) => {
        const { id } = await chooseWorkspace(database, workspace);
        const { read, added } = await importRates(database, { workspaceId: id, file });
        process.stdout.write(`${read} rates read, ${added} of them new.\n`);
      }),
    );

  imports
    .command('orders <file>')
    .description('import each line of a delimited file as an "Order Completed" event')
    .requiredOption('--map <columns>', 'such as customer=customer_id,date=date,amount=dollar_value')
    .option('--url <url>', 'URL of the server (default: the one running on this data folder)')
    .option('--key <key>', 'key with the scopes ingest and read (default: a temporary key)')
    .option('--workspace <name or id>', 'target workspace, without --key')
    .option('--source <name>', 'name that identifies the lines (default: the file name)')
    .option('--delimiter <character>', 'a character, "tab" or "blank" (default: detected)')
    .option('--no-header', 'the first line is an order')
    .option('--date-format <format>', 'luxon format of the dates (default: detected)')
    .option('--time-zone <name>', "time zone of dates without one (default: the workspace's)")
    .option('--currency <code>', "currency of the amounts (default: the workspace's)")
    .option('--rejected <file>', 'file for rejected lines')
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
  if (url !== undefined) throw new InvalidInput('Pass --key with --url: a key of that server.');
  await importWithTemporaryKey(request, workspace);
}

const advice =
  'Run the same command again to resume after the last acknowledged batch; no line is counted twice.';

/** Imports with a key that is valid only during the import; opening the database is authorization enough. */
const importWithTemporaryKey = (
  request: Omit<ImportOrdersOptions, 'key'>,
  workspace: string | undefined,
) =>
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
    `No server is running on the data folder ${dataFolder}. Start one with npm start, or pass --url and --key.`,
  );
}
