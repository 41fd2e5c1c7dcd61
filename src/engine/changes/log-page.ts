import type { Database } from '../../platform/database.ts';
import type { Change } from './kinds.ts';
import { anyChange, type Interest, type Topic, type TopicLookup } from './topic.ts';
import { lookupsFor, topicsOf } from './topics.ts';

/** Consecutive changes of a log, indexed by their topics once for all subscriptions. */
export interface LogPage {
  /** The page has all changes after this position, up to `upTo`. */
  after: bigint;
  upTo: bigint;
  /** The changes of interest, in order. */
  select(interest: Interest): Promise<readonly Change[]>;
  /** The topics of its changes, those of the look-ups included. */
  topics(lookups: Iterable<TopicLookup>): Promise<Iterable<Topic>>;
}

/** @param changes those of the positions from `after` + 1, without a gap */
export function createLogPage(
  database: Database,
  workspaceId: string,
  { after, changes }: { after: bigint; changes: readonly Change[] },
): LogPage {
  /** The indexes of the changes with a topic. */
  const byTopic = new Map<Topic, Set<number>>();
  const lookedUp = new Map<TopicLookup, Promise<void>>();
  for (const [index, change] of changes.entries()) {
    for (const topic of topicsOf(change)) add(topic, index);
  }

  function add(topic: Topic, index: number) {
    const indexes = byTopic.get(topic);
    if (indexes) indexes.add(index);
    else byTopic.set(topic, new Set([index]));
  }

  async function lookUp(lookup: TopicLookup) {
    const values = await database.inWorkspace(workspaceId, (db) => lookup.load(db, changes));
    for (const { position, value } of values)
      add(`${lookup.name}:${value}`, Number(position - after - 1n));
  }

  /** Looks topics up at most once, and again after a failure. */
  async function prepare(lookups: Iterable<TopicLookup>) {
    for (const lookup of lookups) {
      const result = lookedUp.get(lookup) ?? lookUp(lookup);
      lookedUp.set(lookup, result);
      await result.catch((error) => {
        lookedUp.delete(lookup);
        throw error;
      });
    }
  }

  const withOneOf = (clause: readonly Topic[]) =>
    clause.flatMap((topic) => byTopic.get(topic) ?? []);

  return {
    after,
    upTo: after + BigInt(changes.length),
    async select(interest) {
      await prepare(lookupsFor(interest.flat()));
      const [narrowest = [anyChange], ...others] = interest.toReversed();
      const found = new Set(withOneOf(narrowest).flatMap((indexes) => [...indexes]));
      const matches = (index: number) =>
        others.every((clause) => withOneOf(clause).some((indexes) => indexes.has(index)));
      const selected = [...found].filter(matches).sort((a, b) => a - b);
      return selected.flatMap((index) => changes[index] ?? []);
    },
    async topics(lookups) {
      await prepare(lookups);
      return byTopic.keys();
    },
  };
}
