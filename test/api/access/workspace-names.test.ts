import { expect, it } from 'vitest';
import { listWorkspaces, renameWorkspace, type Workspace } from '../../../src/access/workspaces.ts';
import {
  ensureDemoWorkspace,
  ensureFirstWorkspace,
  provisionWorkspace,
} from '../../../src/domains/lifecycles/provision-workspace.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { asAdmin } from '../../support/databases.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const open = (name: string) => provisionWorkspace(server.database, { name });
const rename = ({ id }: Pick<Workspace, 'id'>, name: string) =>
  renameWorkspace(server.database, id, name);
const nameOf = async ({ id }: Pick<Workspace, 'id'>) =>
  (await listWorkspaces(server.database)).find((workspace) => workspace.id === id)?.name;

it('refuses two workspaces of the same name, case-insensitively', async () => {
  await open('Bakery');
  const other = await open('Butcher');

  for (const name of ['Bakery', 'BAKERY', ' bakery ']) {
    await expect(open(name)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(rename(other, name)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  }

  expect(await nameOf(other)).toBe('Butcher');
});

it('creates one workspace of two concurrent requests with the same name', async () => {
  const outcomes = await Promise.allSettled([open('Race'), open('Race'), open('race')]);

  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject(Array(2).fill({ reason: { code: 'NAME_TAKEN' } }));
});

it('renames a workspace, even to another case of its own name', async () => {
  const workspace = await newWorkspace(server);

  await rename(workspace, 'florist');
  await rename(workspace, 'Florist');

  expect(await workspace.query('{ workspace { name } }')).toEqual({
    workspace: { name: 'Florist' },
  });
  await expect(rename(workspace, ' ')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('refuses to rename an unknown workspace', async () => {
  const unknownWorkspace = { id: '00000000-0000-7000-8000-000000000000' };

  await expect(rename(unknownWorkspace, 'Unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('finds the first and the demo workspace by purpose, even if renamed', async () => {
  const taken = await open('Demo shop');
  const first = await ensureFirstWorkspace(server.database);
  const demo = await ensureDemoWorkspace(server.database);
  expect(demo.name).toBe('Demo shop (2)');

  await rename(first, 'Headquarters');
  await rename(demo, 'Playground');

  expect(await ensureFirstWorkspace(server.database)).toMatchObject({
    id: first.id,
    name: 'Headquarters',
  });
  expect(await ensureDemoWorkspace(server.database)).toMatchObject({
    id: demo.id,
    name: 'Playground',
  });
  expect(await nameOf(taken)).toBe('Demo shop');
});

it('numbers duplicate workspace names of an older database', async () => {
  const migration = '20261128120000_workspace_names_and_key_expiry';
  await asAdmin(
    server.databaseUrl,
    `drop index workspace_name;
     alter table api_key drop column expires_at;
     delete from _prisma_migrations where migration_name = '${migration}'`,
  );
  const names = ['Shop', 'Shop (2)', 'shop', ' Shop ', 'Single'];
  const before = [];
  for (const name of names) {
    const workspace = await open(`${before.length}`);
    await asAdmin(
      server.databaseUrl,
      `update workspace set name = '${name}' where id = '${workspace.id}'`,
    );
    before.push(workspace);
  }

  await prepareDatabase(server.databaseUrl);

  const after = await Promise.all(before.map(nameOf));
  expect(after).toEqual(['Shop', 'Shop (2)', 'shop (3)', 'Shop (4)', 'Single']);
  await expect(open('SHOP')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
});
