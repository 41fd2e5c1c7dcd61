import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

// Sends the examples of docs/conditions.md and compares the responses with the documented ones.

const guide = await readFile(new URL('../../../docs/conditions.md', import.meta.url), 'utf8');
const server = useServer();
let workspace: TestWorkspace;

const block = (language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(guide)?.[1] ?? '';

const examples = [...guide.matchAll(/^\s*(\{"where":.*\})\n\s*→ (\{.*\})$/gm)].map(
  ([, variables = '', data = '']) => ({ variables, data }),
);

beforeAll(async () => {
  workspace = await newWorkspace(server, { name: 'Guide' });
  const script = ['--input-type=module', '-e', block('js')];
  const { stdout } = await promisify(execFile)(process.execPath, script);
  const { body } = await workspace.post('/v1/batch', stdout);
  expect(body.success).toBe(true);
});

it('has twenty filters', () => {
  expect(examples).toHaveLength(20);
});

describe('the guide documents the actual response:', () => {
  it.each(examples)('$variables', async ({ variables, data }) => {
    const ask = () => workspace.query(block('graphql'), JSON.parse(variables));

    // Excluded, because stages change with the time since the last event.
    await expect.poll(ask, { timeout: 10_000 }).toEqual(JSON.parse(data));
  });

  it('an error with its path', async () => {
    const [, variables = '', answer = ''] =
      /^`(\{"where":.*\})` get:\n\n```\n(.*?)\n```/ms.exec(guide) ?? [];

    const { body } = await workspace.graphql(block('graphql'), JSON.parse(variables));

    expect(body.errors[0].extensions).toMatchObject(JSON.parse(answer).extensions);
    expect(body.errors[0].message).toBe(JSON.parse(answer).message);
  });
});
