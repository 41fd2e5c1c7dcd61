import type { Command } from 'commander';
import { createKey, type KeyInfo, listKeys, revokeKey } from '../../access/keys.ts';
import { type Scope, scopeDescriptions, scopes } from '../../access/principal.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { inSession } from './session.ts';
import { formatTable } from './table.ts';

interface CreateOptions {
  workspace?: string;
  name: string;
  scopes: Scope[];
  test?: boolean;
}

export function addKeyCommands(program: Command) {
  const key = program.command('key').description('manage the API keys of a workspace');

  key
    .command('create')
    .description('create a key; it is shown only once')
    .option('--workspace <name or id>', 'required if there are several')
    .option('--name <text>', 'purpose of the key', 'command line')
    .option('--scopes <list>', `one or more of ${scopes.join(',')}`, parseScopes, [
      'ingest',
      'read',
      'write',
    ] as Scope[])
    .addHelpText('after', `\nScopes:\n${describeScopes(scopes)}`)
    .option('--test', 'create a key with the prefix stl_test_')
    .action(({ workspace, name, scopes, test }: CreateOptions) =>
      inSession(async ({ database }) => {
        const { id } = await chooseWorkspace(database, workspace);
        const environment = test ? 'test' : 'live';
        const created = await createKey(database, id, { name, scopes, environment });
        process.stdout.write(`${created.key}\n`);
        process.stderr.write(
          `Save the key now: only its hash is stored. It allows:\n${describeScopes(scopes)}`,
        );
      }),
    );

  key
    .command('list')
    .description('list the keys, oldest first, without their secrets')
    .option('--workspace <name or id>', 'required if there are several')
    .action(({ workspace }: { workspace?: string }) =>
      inSession(async ({ database }) => {
        const { id } = await chooseWorkspace(database, workspace);
        process.stdout.write(formatTable((await listKeys(database, id)).map(toRow)));
      }),
    );

  key
    .command('revoke <id>')
    .description('revoke a key; its open connections are closed within two seconds')
    .option('--workspace <name or id>', 'required if there are several')
    .action((keyId: string, { workspace }: { workspace?: string }) =>
      inSession(async ({ database }) => {
        const { id } = await chooseWorkspace(database, workspace);
        await revokeKey(database, id, keyId);
        process.stdout.write(`Revoked the key ${keyId}.\n`);
      }),
    );
}

const describeScopes = (listed: readonly Scope[]) =>
  listed.map((scope) => `  ${scope.padEnd(7)}  ${scopeDescriptions[scope]}\n`).join('');

function parseScopes(text: string): Scope[] {
  const parsed = text.split(',').map((scope) => scope.trim());
  const unknown = parsed.filter((scope) => !scopes.some((known) => known === scope));
  if (unknown.length > 0) {
    throw new InvalidInput(`"${unknown[0]}" is not a scope. Use ${scopes.join(', ')}.`);
  }
  return parsed as Scope[];
}

const instant = (at: Date | null) => at?.toISOString() ?? '';

const toRow = (key: KeyInfo) => ({
  id: key.id,
  name: key.name,
  ends: `…${key.lastFour}`,
  scopes: key.scopes.join(','),
  created: instant(key.createdAt),
  'last used': instant(key.lastUsedAt),
  expires: instant(key.expiresAt),
  revoked: instant(key.revokedAt),
});
