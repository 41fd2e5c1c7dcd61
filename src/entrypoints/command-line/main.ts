import { Command } from 'commander';
import { DomainError } from '../../platform/errors.ts';
import { addChurnCommands } from './churn-commands.ts';
import { addImportCommands } from './import-commands.ts';
import { Interrupted } from './interruption.ts';
import { addKeyCommands } from './key-commands.ts';
import { addWorkspaceCommands } from './workspace-commands.ts';

const program = new Command('stageline').description(
  'Works beside a running server as well as without one, on the same configuration.',
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
  // What an interrupted command had under way must not hold the process up.
  if (error instanceof Interrupted) process.exit(error.exitCode);
  process.exitCode = 1;
}
