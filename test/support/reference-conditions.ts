import type { SegmentCondition } from '../../src/domains/segments/filter/segment-clause.ts';
import type { ConsentCondition } from '../../src/engine/conditions/consent-clause.ts';
import type { Filter, IdentityCondition, Leaf } from '../../src/engine/conditions/filter.ts';
import type { TagCondition } from '../../src/engine/conditions/tag-clause.ts';
import { meetsText, meetsTold, toldCriticals } from './reference-comparisons.ts';
import { didCriticals, didHolds } from './reference-did.ts';
import { factCriticals, factHolds } from './reference-fact.ts';
import { stageCriticals, stageHolds } from './reference-stage.ts';
import { namesOf, type Story, traitOf } from './reference-story.ts';

/**
 * Whether a filter holds for a customer at an instant, recounted from its events by the letter of what
 * the language means. It shares no code with the product.
 */
export function holds(filter: Filter, story: Story, at: number): boolean {
  if ('all' in filter) return filter.all.every((part) => holds(part, story, at));
  if ('any' in filter) return filter.any.some((part) => holds(part, story, at));
  if ('not' in filter) return !holds(filter.not, story, at);
  return leafHolds(filter, story, at);
}

function leafHolds(leaf: Leaf, story: Story, at: number): boolean {
  const { timeZone } = story;
  if ('trait' in leaf) {
    return meetsTold(traitOf(story, leaf.trait.name), leaf.trait.is, { at, timeZone });
  }
  if ('fact' in leaf) return factHolds(leaf.fact, story, at);
  if ('did' in leaf) return didHolds(story, leaf.did, at);
  if ('stage' in leaf) return stageHolds(story, leaf.stage, at);
  if ('segment' in leaf) return isMember(leaf.segment, story, at);
  if ('identity' in leaf) return isCalled(leaf.identity, story);
  if ('tag' in leaf) return isTagged(leaf.tag, story);
  // Risk has a reference of its own: see the replay of purchases.
  if (!('consent' in leaf)) throw new Error('The reference knows nothing of risk');
  return consentTo(leaf.consent.purpose, story) === leaf.consent.is;
}

function isMember({ in: among, notIn = [] }: SegmentCondition, story: Story, at: number): boolean {
  const isInAny = (keys: string[]) => keys.some((key) => holds(segmentOf(story, key), story, at));
  return among ? isInAny(among) : !isInAny(notIn);
}

function segmentOf({ segments }: Story, key: string): Filter {
  const segment = segments[key.toUpperCase()];
  if (!segment) throw new Error(`There is no segment ${key}`);
  return segment;
}

const isCalled = ({ kind, value }: IdentityCondition, story: Story) =>
  namesOf(story).some(
    (name) =>
      name.startsWith(`${kind}:`) &&
      (value === undefined || meetsText(name.slice(kind.length + 1), value)),
  );

function isTagged({ in: among, notIn = [] }: TagCondition, story: Story): boolean {
  const hasAny = (tags: string[]) => tags.some((tag) => traitOf(story, `tag:${tag}`) === true);
  return among ? hasAny(among) : !hasAny(notIn);
}

function consentTo(purpose: string, story: Story): ConsentCondition['is'] {
  const told = traitOf(story, `consent:${purpose}`);
  return told === true ? 'GRANTED' : told === false ? 'DENIED' : 'UNKNOWN';
}

/** Every instant at which the answer could possibly change by time, from what is known in the story. */
export function criticalInstants(filter: Filter, story: Story): number[] {
  if ('all' in filter) return filter.all.flatMap((part) => criticalInstants(part, story));
  if ('any' in filter) return filter.any.flatMap((part) => criticalInstants(part, story));
  if ('not' in filter) return criticalInstants(filter.not, story);
  if ('did' in filter) return didCriticals(story, filter.did);
  if ('fact' in filter) return factCriticals(filter.fact, story);
  if ('stage' in filter) return stageCriticals(story, filter.stage);
  if ('segment' in filter) {
    const keys = filter.segment.in ?? filter.segment.notIn ?? [];
    return keys.flatMap((key) => criticalInstants(segmentOf(story, key), story));
  }
  if (!('trait' in filter)) return [];
  const { name, is } = filter.trait;
  const told = story.events.map(({ call }) => call.traits?.[name]);
  return toldCriticals(told, is, story.timeZone);
}
