import { Command } from 'commander';
import { DomainError } from '../platform/errors.ts';
import { addChurnCommands } from './churn-commands.ts';
import { addImportCommands } from './import-commands.ts';
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
  process.exitCode = 1;
}
