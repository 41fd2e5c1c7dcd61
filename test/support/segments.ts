import { expect } from 'vitest';
import { pollOptions } from './lock-ingestion.ts';
import type { TestWorkspace } from './server.ts';

const create = `mutation ($name: String!, $key: String, $filter: CustomerFilter, $tags: [String!]) {
  createSegment(name: $name, key: $key, filter: $filter, tags: $tags) {
    __typename
    ... on SegmentPayload { segment { id key version filter tags build { state } } }
    ... on Refusal { code message }
    ... on InvalidFilter { path }
  } }`;

export interface CreatedSegment {
  __typename: string;
  segment: { id: string; key: string; version: number; filter: unknown };
  code?: string;
  path?: string;
}

/** The payload of `createTestSegment`. */
export async function createTestSegment(
  workspace: TestWorkspace,
  request: { name: string; key?: string; filter?: object; tags?: string[] },
): Promise<CreatedSegment> {
  const { createSegment: created } = await workspace.query<{ createSegment: CreatedSegment }>(
    create,
    request,
  );
  return created;
}

/** Creates a segment and waits until its filter is active. */
export async function createBuiltSegment(workspace: TestWorkspace, name: string, filter: object) {
  const { segment } = await createTestSegment(workspace, { name, filter });
  await waitUntilActive(workspace, segment.key);
  return segment;
}

export const waitUntilActive = (workspace: TestWorkspace, key: string) =>
  expect
    .poll(async () => {
      const { segment } = await workspace.query<{ segment: { build: { state: string } } }>(
        'query ($key: String!) { segment(key: $key) { build { state } } }',
        { key },
      );
      return segment.build.state;
    }, pollOptions)
    .toBe('DONE');

/** The user ids of a segment's members, sorted. */
export async function memberIds(workspace: TestWorkspace, key: string): Promise<string[]> {
  const { segment } = await workspace.query<{
    segment: { members: { nodes: Array<{ customer: { userId: string } }> } };
  }>(
    'query ($key: String!) { segment(key: $key) { members(first: 100) { nodes { customer { userId } } } } }',
    { key },
  );
  return segment.members.nodes.map(({ customer }) => customer.userId).sort();
}

/** The result of `addSegmentMembers` or `removeSegmentMembers` for each user id. */
export async function changeList(
  workspace: TestWorkspace,
  field: 'addSegmentMembers' | 'removeSegmentMembers',
  segment: string,
  userIds: string[],
): Promise<{ __typename: string; changed?: number; items?: Array<{ outcome: string }> }> {
  const answer = await workspace.query<Record<string, { __typename: string }>>(
    `mutation ($segment: String!, $customers: [CustomerBy!]!) {
      ${field}(segment: $segment, customers: $customers) {
        __typename ... on SegmentMembersPayload { changed items { outcome } } } }`,
    { segment, customers: userIds.map((userId) => ({ userId })) },
  );
  return answer[field] ?? { __typename: '' };
}
