import { expect } from 'vitest';
import { pollOptions } from './lock-ingestion.ts';
import type { TestWorkspace } from './server.ts';

/** A stage as input of `createLifecycle` and `updateLifecycle`. */
export const stageInput = (key: string, entry: object) => ({
  key,
  name: key,
  phase: 'ENGAGEMENT',
  entry,
});

const define = (field: string, name: string) => `
  mutation ($key: String!, $stages: [StageInput!]) {
    result: ${field}(${name}: $key, ${field === 'createLifecycle' ? 'name: $key, ' : ''}stages: $stages) {
      __typename ... on Refusal { code message } } }`;

async function change(workspace: TestWorkspace, operation: string, variables: object) {
  const { result } = await workspace.query<{ result: object }>(operation, variables);
  expect(result).toEqual({ __typename: 'LifecyclePayload' });
}

/** Creates a lifecycle and waits until it is active. */
export async function createBuiltLifecycle(
  workspace: TestWorkspace,
  key: string,
  stages: object[],
) {
  await change(workspace, define('createLifecycle', 'key'), { key, stages });
  await waitUntilLifecycleBuilt(workspace, key);
}

/** Starts a build of new stages for a lifecycle. */
export const updateStages = (workspace: TestWorkspace, key: string, stages: object[]) =>
  change(workspace, define('updateLifecycle', 'lifecycle'), { key, stages });

/** Resolves when the newest definition of the lifecycle is active. */
export const waitUntilLifecycleBuilt = (workspace: TestWorkspace, key: string) =>
  expect
    .poll(async () => {
      const { lifecycle } = await workspace.query<{ lifecycle: { build: { state: string } } }>(
        'query ($key: String) { lifecycle(key: $key) { build { state } } }',
        { key },
      );
      return lifecycle.build.state;
    }, pollOptions)
    .toBe('DONE');

/** The stages of the customers in a lifecycle, by user id. */
export async function stagesByUser(workspace: TestWorkspace, lifecycle: string) {
  const { customers } = await workspace.query<{
    customers: { nodes: Array<{ userId: string; stage: { stage: { key: string } } | null }> };
  }>(
    `query ($lifecycle: String) { customers(first: 100) { nodes {
      userId stage(lifecycle: $lifecycle) { stage { key } } } } }`,
    { lifecycle },
  );
  return Object.fromEntries(
    customers.nodes.map(({ userId, stage }) => [userId, stage?.stage.key ?? null]),
  );
}
