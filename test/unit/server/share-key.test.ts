import { parse } from 'graphql';
import { expect, it } from 'vitest';
import type { Scope } from '../../../src/access/principal.ts';
import type { Interest } from '../../../src/engine/changes/topic.ts';
import { shareKey } from '../../../src/entrypoints/server/live/share-key.ts';

const text = `subscription Moves($lifecycle: String, $after: Cursor) {
  stageChanged(lifecycle: $lifecycle, after: $after) { ... on StageChanged { at } } }`;

interface Request {
  text?: string;
  variables?: Record<string, unknown>;
  workspaceId?: string;
  keyId?: string;
  scopes?: Scope[];
  interest?: Interest;
}

const keyOf = ({ workspaceId = 'w', keyId = 'k', scopes = ['read'], ...request }: Request = {}) =>
  shareKey(
    {
      schema: undefined as never,
      document: parse(request.text ?? text),
      variableValues: request.variables,
    },
    { workspaceId, keyId, scopes },
    request.interest ?? [],
  );

it.each<[string, Request]>([
  ['another API key', { keyId: 'other' }],
  ['the scopes in another order', { scopes: ['write', 'read'] }],
  ['another cursor to resume from', { variables: { lifecycle: 'L', after: 'epoch123.7' } }],
  ['variables in another order', { variables: { after: 'epoch123.1', lifecycle: 'L' } }],
  ['other white space', { text: text.replaceAll(/\s+/g, ' ') }],
])('is the same for %s', (_what, changes) => {
  const request: Request = { scopes: ['read', 'write'], variables: { lifecycle: 'L' } };

  expect(keyOf({ ...request, ...changes })).toBe(keyOf(request));
});

it.each<[string, Request]>([
  ['another workspace', { workspaceId: 'other' }],
  ['other scopes', { scopes: ['admin'] }],
  ['another value of a variable', { variables: { lifecycle: 'M' } }],
  ['another selection', { text: text.replace('{ at }', '{ at toKey }') }],
  ['another meaning of its arguments', { interest: [['lifecycle:other']] }],
  ['another argument', { text: text.replace('after: $after', 'to: "A"') }],
])('differs for %s', (_what, changes) => {
  const request: Request = { variables: { lifecycle: 'L' } };

  expect(keyOf({ ...request, ...changes })).not.toBe(keyOf(request));
});

it('is the same for every cursor that is written into the document', () => {
  const withCursor = (cursor: string) =>
    `subscription { changes(after: "${cursor}") { __typename } }`;

  expect(keyOf({ text: withCursor('epoch123.1') })).toBe(keyOf({ text: withCursor('epoch123.2') }));
});

it('keeps a variable that is used for more than the cursor', () => {
  const both = `subscription ($x: String) { changes(after: $x) { ... on Change { at @tag(name: $x) } } }`;

  expect(keyOf({ text: both, variables: { x: 'a' } })).not.toBe(
    keyOf({ text: both, variables: { x: 'b' } }),
  );
});
