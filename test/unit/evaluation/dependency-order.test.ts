import { expect, it } from 'vitest';
import { inDependencyOrder } from '../../../src/engine/evaluation/dependency-order.ts';

it.each([
  ['keeps the order of items without dependencies', 'abc', {}, 'abc'],
  ['puts a dependency first', 'abc', { a: 'c' }, 'cab'],
  ['follows dependencies of dependencies', 'abc', { a: 'b', b: 'c' }, 'cba'],
  ['puts a shared dependency first, and only once', 'abcd', { a: 'd', b: 'd' }, 'dabc'],
  ['terminates for items that depend on each other', 'ab', { a: 'b', b: 'a' }, 'ba'],
])('%s', (_case, items, dependencies: Record<string, string>, ordered) => {
  expect(inDependencyOrder([...items], (item) => dependencies[item] ?? '').join('')).toBe(ordered);
});
