import { expect, it } from 'vitest';
import { type PageArgs, toConnection } from '../../../schema/kernel/page.ts';

/** Reads a page of the numbers 1 to 9 like a resolver: one row more than the page, in reading order. */
function pageOf(args: PageArgs, { from, to }: { from: number; to: number }) {
  const inOrder = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const size = args.last ?? args.first ?? 20;
  const rows = (args.last ? inOrder.toReversed() : inOrder).slice(0, size + 1);
  return toConnection({ list: 'numbers', rows, args, sortKeyOf: (row) => [String(row)] });
}

const cursor = 'any cursor';

it.each<[string, PageArgs, { from: number; to: number }, number[], boolean, boolean]>([
  ['the first page', { first: 3 }, { from: 1, to: 9 }, [1, 2, 3], false, true],
  ['a middle page', { first: 3, after: cursor }, { from: 4, to: 9 }, [4, 5, 6], true, true],
  ['the last page', { first: 3, after: cursor }, { from: 7, to: 9 }, [7, 8, 9], true, false],
  ['a page beyond the end', { first: 3, after: cursor }, { from: 9, to: 9 }, [9], true, false],
  ['the last page backwards', { last: 3 }, { from: 1, to: 9 }, [7, 8, 9], true, false],
  [
    'a middle page backwards',
    { last: 3, before: cursor },
    { from: 1, to: 6 },
    [4, 5, 6],
    true,
    true,
  ],
  [
    'the first page backwards',
    { last: 3, before: cursor },
    { from: 1, to: 3 },
    [1, 2, 3],
    false,
    true,
  ],
  ['everything', { first: 9 }, { from: 1, to: 9 }, [1, 2, 3, 4, 5, 6, 7, 8, 9], false, false],
  [
    'everything backwards',
    { last: 9 },
    { from: 1, to: 9 },
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    false,
    false,
  ],
])('reports whether there is more around %s', (_which, args, range, nodes, previous, next) => {
  const { edges, pageInfo } = pageOf(args, range);

  expect(edges.map(({ node }) => node)).toEqual(nodes);
  expect(pageInfo).toEqual({
    startCursor: edges[0]?.cursor,
    endCursor: edges.at(-1)?.cursor,
    hasPreviousPage: previous,
    hasNextPage: next,
  });
});
