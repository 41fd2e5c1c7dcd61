import { Command } from 'commander';
import { DomainError } from '../../platform/errors.ts';
import { addChurnCommands } from './churn-commands.ts';
import { addImportCommands } from './import-commands.ts';
import { Interrupted } from './interruption.ts';
import { addKeyCommands } from './key-commands.ts';
import { addWorkspaceCommands } from './workspace-commands.ts';

const program = new Command('stageline').description(
  'Manages the database of the configured server, whether it is running or not.',
);
addWorkspaceCommands(program);
addKeyCommands(program);
addImportCommands(program);
addChurnCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof DomainError || (error instanceof Error && 'code' in error);
  process.stderr.write(`${isExpected ? error.message : String((error as Error).stack ?? error)}\n`);
  // Pending work of an interrupted command must not keep the process alive.
  if (error instanceof Interrupted) process.exit(error.exitCode);
  process.exitCode = 1;
}
