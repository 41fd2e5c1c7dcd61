import type { Command } from 'commander';
import { listWorkspaces, renameWorkspace } from '../../access/workspaces.ts';
import { provisionWorkspace } from '../../domains/lifecycles/provision-workspace.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { inSession } from './session.ts';
import { printTable } from './table.ts';

interface CreateOptions {
  timeZone: string;
  currency: string;
}

export function addWorkspaceCommands(program: Command) {
  const workspace = program.command('workspace').description('the tenants of this installation');

  workspace
    .command('create <name>')
    .description('create a workspace with the lifecycle REACH_TO_LOYALTY')
    .option('--time-zone <name>', 'where its days begin and end, such as Europe/Berlin', 'UTC')
    .option('--currency <code>', 'its own currency (ISO 4217)', 'USD')
    .action((name: string, options: CreateOptions) =>
      inSession(async ({ database }) => {
        const created = await provisionWorkspace(database, { name, ...options });
        process.stdout.write(`Created the workspace "${created.name}" (${created.id}).\n`);
      }),
    );

  workspace
    .command('rename <workspace> <name>')
    .description('give a workspace, known by its name or id, another name')
    .action((wanted: string, name: string) =>
      inSession(async ({ database }) => {
        const { id, name: before } = await chooseWorkspace(database, wanted);
        const after = await renameWorkspace(database, id, name);
        process.stdout.write(`Renamed the workspace "${before}" to "${after}" (${id}).\n`);
      }),
    );

  workspace
    .command('list')
    .description('the workspaces, oldest first')
    .action(() =>
      inSession(async ({ database }) => {
        const rows = (await listWorkspaces(database)).map(({ id, name, timeZone, currency }) => ({
          id,
          name,
          'time zone': timeZone,
          currency,
        }));
        process.stdout.write(printTable(rows));
      }),
    );
}
