import type { Change } from './kinds.ts';
import type { StreamReset, StreamStart } from './resume.ts';
import type { Interest } from './topic.ts';

export type StreamItem = { change: Change; cursor: string } | { reset: StreamReset };

/**
 * What a subscription field is delivered: the changes of interest after a position. The server reads the log, so
 * this only describes what to read; graphql requires that it looks like an iterable.
 */
export interface Followed<Item = StreamItem> extends AsyncIterable<Item> {
  /** A reset is the only item of its stream. */
  start: StreamStart;
  interest: Interest;
  /** Delivered before the changes: the state at the start. */
  first?: Item | undefined;
  toItem(item: StreamItem): Item;
}

export function followed<Item>(description: Omit<Followed<Item>, symbol>): Followed<Item> {
  return {
    ...description,
    [Symbol.asyncIterator]() {
      throw new Error('The changes of a subscription are read from the log');
    },
  };
}
