import { afterEach, expect, it } from 'vitest';
import type { Topic } from '../../../src/engine/changes/topic.ts';
import { createTopicIndex, type TopicIndex } from '../../../src/engine/changes/topic-index.ts';

const iterate = Set.prototype[Symbol.iterator];
afterEach(() => {
  Set.prototype[Symbol.iterator] = iterate;
});

/** Finds followers and counts those that were visited. */
function findCounting(index: TopicIndex<string>, topics: Topic[]) {
  let visited = 0;
  Set.prototype[Symbol.iterator] = function* count(this: Set<unknown>) {
    for (const value of { [Symbol.iterator]: () => iterate.call(this) }) {
      visited += 1;
      yield value;
    }
  } as typeof iterate;
  const found = index.find(topics);
  Set.prototype[Symbol.iterator] = iterate;
  return { found: [...found].toSorted(), visited };
}

const lookupNames = (index: TopicIndex<string>) => [...index.lookups()].map(({ name }) => name);

it('finds the followers of a topic without visiting the others', () => {
  const index = createTopicIndex<string>();
  for (let customer = 0; customer < 1_000; customer += 1) {
    index.add([['kind:STAGE_CHANGED'], [`customer:${customer}`]], `of ${customer}`);
  }
  index.add([['customer:7', 'customer:8']], 'of both');

  const result = findCounting(index, ['any:change', 'kind:STAGE_CHANGED', 'customer:7']);

  expect(result).toEqual({ found: ['of 7', 'of both'], visited: 2 });
});

it('finds those without a clause for every change', () => {
  const index = createTopicIndex<string>();
  index.add([], 'all');

  expect([...index.find(['any:change', 'kind:STAGE_CHANGED'])]).toEqual(['all']);
});

it('finds a follower once, whatever number of its topics a change has', () => {
  const index = createTopicIndex<string>();
  index.add([['customer:a', 'customer:b']], 'of both');

  expect([...index.find(['customer:a', 'customer:b'])]).toEqual(['of both']);
});

it('forgets a follower that is removed, and only that one', () => {
  const index = createTopicIndex<string>();
  const remove = index.add([['customer:a', 'customer:b']], 'one');
  index.add([['customer:a']], 'other');

  remove();

  expect([...index.find(['customer:a', 'customer:b'])]).toEqual(['other']);
});

it('needs the look-ups of its present followers, and no others', () => {
  const index = createTopicIndex<string>();
  const removals = [
    index.add([['member:s']], 'member'),
    index.add([['customer:a']], 'one'),
    index.add([['customer:b']], 'other'),
    index.add([['kind:STAGE_CHANGED']], 'moves'),
  ];
  const all = lookupNames(index);

  removals[0]?.();
  removals[1]?.();
  const afterTwo = lookupNames(index);
  removals[2]?.();

  expect(all).toEqual(['member', 'customer']);
  expect(afterTwo).toEqual(['customer']);
  expect(lookupNames(index)).toEqual([]);
});
