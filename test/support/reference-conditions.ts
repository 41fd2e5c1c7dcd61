import type { SegmentCondition } from '../../src/domains/segments/filter/segment-clause.ts';
import type {
  ConsentCondition,
  Filter,
  IdentityCondition,
  Leaf,
} from '../../src/engine/conditions/filter.ts';
import type { TagCondition } from '../../src/engine/conditions/tag-clause.ts';
import { namesOf, type ReferenceHistory, traitOf } from './customer-history.ts';
import { matchesText, matchesValue, valueCriticalInstants } from './reference-comparisons.ts';
import { didCriticalInstants, matchesDid } from './reference-did-condition.ts';
import { factCriticalInstants, matchesFact } from './reference-fact-condition.ts';
import { matchesStage, stageCriticalInstants } from './reference-stage-condition.ts';

/**
 * Whether a customer matches a filter at an instant, computed from all its events by the documented semantics. Shares no
 * code with the product.
 */
export function matchesFilter(filter: Filter, history: ReferenceHistory, at: number): boolean {
  if ('all' in filter) return filter.all.every((part) => matchesFilter(part, history, at));
  if ('any' in filter) return filter.any.some((part) => matchesFilter(part, history, at));
  if ('not' in filter) return !matchesFilter(filter.not, history, at);
  return matchesLeaf(filter, history, at);
}

function matchesLeaf(leaf: Leaf, history: ReferenceHistory, at: number): boolean {
  const { timeZone } = history;
  if ('trait' in leaf) {
    return matchesValue(traitOf(history, leaf.trait.name), leaf.trait.is, { at, timeZone });
  }
  if ('fact' in leaf) return matchesFact(leaf.fact, history, at);
  if ('did' in leaf) return matchesDid(history, leaf.did, at);
  if ('stage' in leaf) return matchesStage(history, leaf.stage, at);
  if ('segment' in leaf) return isMember(leaf.segment, history, at);
  if ('identity' in leaf) return isCalled(leaf.identity, history);
  if ('tag' in leaf) return isTagged(leaf.tag, history);
  // Risk has a separate reference: see the replay of purchases.
  if (!('consent' in leaf)) throw new Error('The reference does not support risk');
  return consentTo(leaf.consent.purpose, history) === leaf.consent.is;
}

function isMember(
  { in: among, notIn = [] }: SegmentCondition,
  history: ReferenceHistory,
  at: number,
): boolean {
  const isInAny = (keys: string[]) =>
    keys.some((key) => matchesFilter(segmentOf(history, key), history, at));
  return among ? isInAny(among) : !isInAny(notIn);
}

function segmentOf({ segments }: ReferenceHistory, key: string): Filter {
  const segment = segments[key.toUpperCase()];
  if (!segment) throw new Error(`There is no segment ${key}`);
  return segment;
}

const isCalled = ({ kind, value }: IdentityCondition, history: ReferenceHistory) =>
  namesOf(history).some(
    (name) =>
      name.startsWith(`${kind}:`) &&
      (value === undefined || matchesText(name.slice(kind.length + 1), value)),
  );

function isTagged({ in: among, notIn = [] }: TagCondition, history: ReferenceHistory): boolean {
  const hasAny = (tags: string[]) => tags.some((tag) => traitOf(history, `tag:${tag}`) === true);
  return among ? hasAny(among) : !hasAny(notIn);
}

function consentTo(purpose: string, history: ReferenceHistory): ConsentCondition['is'] {
  const value = traitOf(history, `consent:${purpose}`);
  return value === true ? 'GRANTED' : value === false ? 'DENIED' : 'UNKNOWN';
}

/** Every instant at which the answer could change by time alone. */
export function criticalInstants(filter: Filter, history: ReferenceHistory): number[] {
  if ('all' in filter) return filter.all.flatMap((part) => criticalInstants(part, history));
  if ('any' in filter) return filter.any.flatMap((part) => criticalInstants(part, history));
  if ('not' in filter) return criticalInstants(filter.not, history);
  if ('did' in filter) return didCriticalInstants(history, filter.did);
  if ('fact' in filter) return factCriticalInstants(filter.fact, history);
  if ('stage' in filter) return stageCriticalInstants(history, filter.stage);
  if ('segment' in filter) {
    const keys = filter.segment.in ?? filter.segment.notIn ?? [];
    return keys.flatMap((key) => criticalInstants(segmentOf(history, key), history));
  }
  if (!('trait' in filter)) return [];
  const { name, is } = filter.trait;
  const value = history.events.map(({ call }) => call.traits?.[name]);
  return valueCriticalInstants(value, is, history.timeZone);
}
