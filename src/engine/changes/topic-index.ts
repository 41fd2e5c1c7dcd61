import { anyChange, type Interest, type Topic, type TopicLookup } from './topic.ts';
import { lookupsFor } from './topics.ts';

/** Finds the followers of a topic without visiting the others. */
export interface TopicIndex<Follower> {
  /** Returns a function that removes the follower. */
  add(interest: Interest, follower: Follower): () => void;
  /** The followers that a change with these topics may be of interest to. */
  find(topics: Iterable<Topic>): Set<Follower>;
  /** The look-ups that the followers need. */
  lookups(): Iterable<TopicLookup>;
}

export function createTopicIndex<Follower>(): TopicIndex<Follower> {
  const byTopic = new Map<Topic, Set<Follower>>();
  const lookupUses = new Map<TopicLookup, number>();

  function countLookups(topics: readonly Topic[], step: 1 | -1) {
    for (const lookup of lookupsFor(topics)) {
      const uses = (lookupUses.get(lookup) ?? 0) + step;
      if (uses > 0) lookupUses.set(lookup, uses);
      else lookupUses.delete(lookup);
    }
  }

  function remove(topic: Topic, follower: Follower) {
    const followers = byTopic.get(topic);
    followers?.delete(follower);
    if (followers?.size === 0) byTopic.delete(topic);
  }

  return {
    add(interest, follower) {
      const topics = interest.at(-1) ?? [anyChange];
      for (const topic of topics) {
        const followers = byTopic.get(topic) ?? new Set();
        byTopic.set(topic, followers.add(follower));
      }
      countLookups(topics, 1);
      return () => {
        for (const topic of topics) remove(topic, follower);
        countLookups(topics, -1);
      };
    },
    find(topics) {
      const found = new Set<Follower>();
      for (const topic of topics) {
        for (const follower of byTopic.get(topic) ?? []) found.add(follower);
      }
      return found;
    },
    lookups: () => lookupUses.keys(),
  };
}
