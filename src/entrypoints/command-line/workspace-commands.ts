import type { Command } from 'commander';
import { listWorkspaces, renameWorkspace } from '../../access/workspaces.ts';
import { provisionWorkspace } from '../../domains/lifecycles/provision-workspace.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { inSession } from './session.ts';
import { formatTable } from './table.ts';

interface CreateOptions {
  timeZone: string;
  currency: string;
}

export function addWorkspaceCommands(program: Command) {
  const workspace = program.command('workspace').description('manage workspaces (tenants)');

  workspace
    .command('create <name>')
    .description('create a workspace with the lifecycle REACH_TO_LOYALTY')
    .option('--time-zone <name>', 'time zone of its calendar days, such as Europe/Berlin', 'UTC')
    .option('--currency <code>', 'currency (ISO 4217)', 'USD')
    .action((name: string, options: CreateOptions) =>
      inSession(async ({ database }) => {
        const created = await provisionWorkspace(database, { name, ...options });
        process.stdout.write(`Created the workspace "${created.name}" (${created.id}).\n`);
      }),
    );

  workspace
    .command('rename <workspace> <name>')
    .description('rename a workspace, identified by name or id')
    .action((nameOrId: string, name: string) =>
      inSession(async ({ database }) => {
        const { id, name: oldName } = await chooseWorkspace(database, nameOrId);
        const newName = await renameWorkspace(database, id, name);
        process.stdout.write(`Renamed the workspace "${oldName}" to "${newName}" (${id}).\n`);
      }),
    );

  workspace
    .command('list')
    .description('list the workspaces, oldest first')
    .action(() =>
      inSession(async ({ database }) => {
        const rows = (await listWorkspaces(database)).map(({ id, name, timeZone, currency }) => ({
          id,
          name,
          'time zone': timeZone,
          currency,
        }));
        process.stdout.write(formatTable(rows));
      }),
    );
}
