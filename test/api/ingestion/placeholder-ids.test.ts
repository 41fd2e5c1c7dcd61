import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { defaultPlaceholderIds } from '../../../src/platform/placeholder-ids.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const people = async (workspace: TestWorkspace) => {
  const { customers } = await workspace.query<{ customers: { nodes: object[] } }>(
    `{ customers(orderBy: { field: CREATED, direction: ASC }) {
         nodes { userId eventCount identities { kind value } } } }`,
  );
  return customers.nodes;
};

const visitor = (value: string, eventCount: number) => ({
  userId: null,
  eventCount,
  identities: [{ kind: 'anonymous_id', value }],
});

const written = ['undefined', 'null', 'None', 'NaN', '[object Object]', '0', 'anonymous', 'guest'];

it.each([...written, ...['00000000-0000-0000-0000-000000000000', 'true', '-1', 'N/A', ' ', 0, -1]])(
  'keeps two visitors apart who identify as %j',
  async (userId) => {
    const workspace = await newWorkspace(server);
    const page = (anonymousId: string) => ({ type: 'page', anonymousId });
    const identify = (anonymousId: string) => ({ type: 'identify', anonymousId, userId });

    const { status } = await workspace.send([
      page('p1'),
      identify('p1'),
      page('p2'),
      identify('p2'),
    ]);

    expect(status).toBe(200);
    expect(await people(workspace)).toEqual([visitor('p1', 2), visitor('p2', 2)]);
  },
);

it('refuses an event whose only id identifies no customer, without affecting the others', async () => {
  const workspace = await newWorkspace(server);

  const { status, body } = await workspace.send([
    { type: 'page', userId: 'undefined' },
    { type: 'page', anonymousId: 'p1' },
    { type: 'page', userId: '  ', anonymousId: '   ' },
  ]);

  expect(status).toBe(207);
  expect(body.results).toMatchObject([
    {
      code: 'PLACEHOLDER_ID',
      message: expect.stringContaining('"undefined" identifies no customer'),
    },
    { status: 'accepted' },
    { code: 'INVALID_EVENT' },
  ]);
  expect(await people(workspace)).toEqual([visitor('p1', 1)]);
});

describe('with a list of its own', () => {
  const own = useServer({ placeholderIds: ['walk-in'] });

  it('a server takes only the ids of that list for nobody', async () => {
    const workspace = await newWorkspace(own);

    await workspace.send([
      { type: 'page', anonymousId: 'p1', userId: 'Walk-In' },
      { type: 'page', anonymousId: 'p2', userId: 'guest' },
    ]);

    expect(await people(workspace)).toMatchObject([{ userId: null }, { userId: 'guest' }]);
  });
});

it('has its list in the guide', async () => {
  const guide = await readFile(new URL('../../../docs/identity.md', import.meta.url), 'utf8');

  const listed = /^```placeholders\n(.*?)\n```$/ms.exec(guide)?.[1]?.split(/\s{2,}|\n/) ?? [];
  expect(listed.filter(Boolean)).toEqual(defaultPlaceholderIds);
});
