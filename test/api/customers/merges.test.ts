import { expect, it } from 'vitest';
import { storedChanges } from '../../support/inspect.ts';
import { lockIngestion } from '../../support/lock-ingestion.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const visit = (names: object) => ({ type: 'page', name: 'Home', ...names });

/** The customers by their ids. */
async function customerOf(workspace: TestWorkspace, by: object) {
  const { customer } = await workspace.query<{
    customer: { id: string; merges: Array<{ id: string }> } | null;
  }>('query ($by: CustomerBy!) { customer(by: $by) { id merges { id } } }', { by });
  if (!customer) throw new Error(`There is no customer ${JSON.stringify(by)}`);
  return customer;
}

async function undoFirstMerge(workspace: TestWorkspace, by: object) {
  const { merges } = await customerOf(workspace, by);
  const result = await workspace.query(
    'mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }',
    { id: merges[0]?.id },
  );
  expect(result).toEqual({ undoMerge: { __typename: 'UndoMergePayload' } });
}

const device = { anonymousId: 'device' };
const tablet = { anonymousId: 'tablet' };
const ada = { userId: 'ada' };

const bea = { userId: 'bea' };
const intoBea = { type: 'alias', ...bea, previousId: 'ada' };
const sameEmail = (names: object) => ({
  ...visit(names),
  type: 'identify',
  traits: { email: 'v@example.com' },
});

it.each([
  ['the visitor into another visitor', [tablet, device], [sameEmail(tablet), sameEmail(device)]],
  ['another visitor into the visitor', [device, tablet], [sameEmail(device), sameEmail(tablet)]],
  ['the user into another user', [device, bea], [intoBea]],
  [
    'both into other customers',
    [tablet, device, bea],
    [sameEmail(tablet), sameEmail(device), intoBea],
  ],
])('keeps separated customers separate after a merge of %s', async (_which, names, merging) => {
  const workspace = await newWorkspace(server);
  await workspace.send([...names, ada].map(visit));
  await workspace.send([visit({ ...device, ...ada })]);
  await undoFirstMerge(workspace, ada);
  const { length } = await storedChanges(server, workspace);
  await workspace.send(merging);
  const kinds = (await storedChanges(server, workspace)).slice(length).map(({ kind }) => kind);
  expect(kinds).toContain('CUSTOMER_MERGED');

  await workspace.send([visit({ ...device, ...ada })]);

  const [visitor, user] = [await customerOf(workspace, device), await customerOf(workspace, ada)];
  expect(visitor.id).not.toBe(user.id);
});

it.each([['undoMerge', 'mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }']])(
  'makes %s wait for events that are being applied',
  async (_what, operation) => {
    const workspace = await newWorkspace(server);
    await workspace.send([visit(device), visit(ada), visit({ ...device, ...ada })]);
    const { merges } = await customerOf(workspace, ada);
    const { length } = await storedChanges(server, workspace);
    const ingestionLock = await lockIngestion(server, workspace.id);

    const undoing = workspace.query(operation, { id: merges[0]?.id });
    await ingestionLock.waitUntilBlocked();

    expect(await storedChanges(server, workspace)).toHaveLength(length);
    await ingestionLock.release();
    await undoing;
    expect((await storedChanges(server, workspace)).slice(length)[0]?.kind).toBe(
      'CUSTOMER_UNMERGED',
    );
  },
);

it.each([
  ['an underscore', 'a_b', 'axb'],
  ['a percent sign', 'a%b', 'axxb'],
  ['a backslash', 'a\\b', 'ab'],
])('treats %s in a search literally', async (_what, text, similar) => {
  const workspace = await newWorkspace(server);
  await workspace.send([visit({ userId: `1 ${text}` }), visit({ userId: `2 ${similar}` })]);

  const { customers } = await workspace.query<{
    customers: { totalCount: number; nodes: Array<{ userId: string }> };
  }>('query ($text: String) { customers(search: $text) { totalCount nodes { userId } } }', {
    text,
  });

  expect(customers).toEqual({ totalCount: 1, nodes: [{ userId: `1 ${text}` }] });
});
