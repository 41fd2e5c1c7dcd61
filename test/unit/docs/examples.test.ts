import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, getOperationAST, parse, print, validate, visit } from 'graphql';
import { describe, expect, it } from 'vitest';
import { banner } from '../../../src/entrypoints/server/banner.ts';
import { graphiql } from '../../../src/entrypoints/server/graphiql.ts';
import { schema } from '../../support/schema.ts';

const root = join(import.meta.dirname, '../../..');

/** The text from `subscription` at the start of a document to its closing brace. */
function subscriptionsIn(text: string): string[] {
  return [...text.matchAll(/(?<=^|["'`])subscription\b[^{"'`]*\{/gm)].map(({ index }) =>
    text.slice(index, endOf(text, text.indexOf('{', index))),
  );
}

function endOf(text: string, opening: number): number {
  let depth = 0;
  for (let at = opening; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw new Error(`No end of ${text.slice(opening, opening + 80)}`);
}

const files = globSync(['README.md', 'docs/*.md'], { cwd: root });
const shown = banner({ url: 'http://x', workspace: 'x', hasAdminKey: false, demoKey: 'x' });
const tabs = graphiql.defaultTabs?.map(({ query }) => query) ?? [];
const examples = [
  ...files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
  ['the banner', shown] as const,
  ['GraphiQL', tabs.join('\n')] as const,
].flatMap(([where, text]) => subscriptionsIn(text).map((document) => [where, document] as const));

/** What the document selects of a reset, at the root of its subscription. */
function resetFields(document: DocumentNode): string[] {
  const selected: string[] = [];
  visit(document, {
    InlineFragment({ typeCondition, selectionSet }) {
      if (typeCondition?.name.value === 'StreamReset')
        selected.push(...selectionSet.selections.map(print));
    },
  });
  return selected;
}

describe('the example of a subscription', () => {
  it('is found in the README, the guides, the banner and GraphiQL', () => {
    const places = new Set(examples.map(([where]) => where));

    for (const where of [
      'README.md',
      'docs/live.md',
      'docs/churn.md',
      'docs/lifecycles.md',
      'the banner',
      'GraphiQL',
    ])
      expect(places).toContain(where);
  });

  it.each(examples)('in %s is valid and selects the reset: %s', (_where, text) => {
    const document = parse(text);

    expect(getOperationAST(document)?.operation).toBe('subscription');
    expect(validate(schema, document)).toEqual([]);
    expect(resetFields(document)).toEqual(expect.arrayContaining(['reason', 'cursor']));
  });
});
