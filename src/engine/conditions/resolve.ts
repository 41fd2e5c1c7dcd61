import {
  bandPlace,
  flaggedKey,
  flagPlace,
  type RiskCondition,
} from '../../domains/churn/filter/risk-clause.ts';
import type {
  DidCondition,
  FactCondition,
  Filter,
  IdentityCondition,
  RiskCondition as RiskFilter,
  SegmentCondition,
  StageCondition,
  TraitCondition,
} from './filter.ts';
import { InvalidFilter } from './invalid-filter.ts';
import type { LifecycleName, SegmentName, Vocabulary } from './vocabulary.ts';

/** How long, or how long ago, a customer must have been in one of the stages. */
export type StageLimit =
  | { forAtLeast: string }
  | { enteredWithin: string }
  | { within: string }
  | { ever: true };

export interface PlaceCondition {
  lifecycleId: string;
  stages: string[];
  limit?: StageLimit;
}

/** A condition that is asked of the database or of a place, not made of others. */
export type Clause =
  | { trait: TraitCondition }
  | { fact: FactCondition }
  | { did: DidCondition }
  | { identity: IdentityCondition }
  | { place: PlaceCondition }
  | { risk: RiskCondition }
  /** On any of the lists kept by hand: ids of segments. */
  | { listed: string[] };

/** A filter with every name looked up and every segment replaced by what it means. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | Clause;

const mostNodes = 5_000;

/** The lifecycle whose rules the filter is part of, if it is. */
interface Owner {
  ownLifecycleId?: string | undefined;
  /** The key of the segment that the filter defines. */
  ownSegmentKey?: string | undefined;
}

/**
 * Looks up what a filter refers to.
 *
 * @throws InvalidFilter for unknown names and for definitions that go round in a circle
 */
export function resolveFilter(
  filter: Filter,
  vocabulary: Vocabulary,
  path = 'where',
  owner: Owner = {},
): Condition {
  let nodes = 0;
  const { ownLifecycleId, ownSegmentKey } = owner;

  function resolve(node: Filter, at: string, open: readonly string[]): Condition {
    nodes += 1;
    if (nodes > mostNodes) {
      throw new InvalidFilter(at, `comes to more than ${mostNodes} nodes with its segments`);
    }
    // What lies inside another definition has no place in the filter received.
    const under = (part: string) => (open.length === 0 ? `${at}.${part}` : at);
    const each = (parts: Filter[], kind: string) =>
      parts.map((part, index) => resolve(part, under(`${kind}.${index}`), open));
    if ('all' in node) return { all: each(node.all, 'all') };
    if ('any' in node) return { any: each(node.any, 'any') };
    if ('not' in node) return { not: resolve(node.not, under('not'), open) };
    if ('segment' in node) return ofSegment(node.segment, under('segment'), open);
    if ('stage' in node) return ofStage(node.stage, under('stage'), open);
    if ('tag' in node) {
      const tagged = (node.tag.in ?? node.tag.notIn ?? []).map((tag) => told(`tag:${tag}`, true));
      return node.tag.in ? { any: tagged } : { not: { any: tagged } };
    }
    if ('consent' in node) {
      const { purpose, is } = node.consent;
      const name = `consent:${purpose}`;
      if (is !== 'UNKNOWN') return told(name, is === 'GRANTED');
      return { not: { any: [told(name, true), told(name, false)] } };
    }
    if ('risk' in node) return resolveRisk(node.risk, vocabulary);
    if ('lifetimeValue' in node) return asked({ value: node.lifetimeValue }, vocabulary);
    return node;
  }

  function ofSegment(asked: SegmentCondition, at: string, open: readonly string[]): Condition {
    const keys = asked.in ?? asked.notIn ?? [];
    const meant = keys.map((key): Condition => {
      const segment = findByKey(vocabulary.segments, key);
      if (!segment) throw unknown(at, 'segment', key, vocabulary.segments);
      if (open.includes(segment.id) || sameKey(segment.key, ownSegmentKey ?? '')) {
        throw new InvalidFilter(at, `"${segment.key}" would be defined by itself`);
      }
      if (!segment.filter) return { listed: [segment.id] };
      return resolve(segment.filter, at, [...open, segment.id]);
    });
    return asked.in ? { any: meant } : { not: { any: meant } };
  }

  function ofStage(asked: StageCondition, at: string, open: readonly string[]): Condition {
    const lifecycle = demandLifecycle(vocabulary, asked.lifecycle, at);
    const limit = limitOf(asked);
    if (lifecycle.id === ownLifecycleId) {
      if (vocabulary.lifecycles.some(({ id }) => open.includes(id))) {
        throw new InvalidFilter(at, `"${lifecycle.key}" would be defined by itself`);
      }
      if (!limit || !('within' in limit || 'ever' in limit)) {
        throw new InvalidFilter(
          at,
          'a stage may refer to its own lifecycle only by `within` or `ever`',
        );
      }
    } else if (!open.includes(lifecycle.id)) {
      // Its rules may lead back to where we come from.
      for (const rule of lifecycle.rules) resolve(rule, at, [...open, lifecycle.id]);
    }
    const keys = asked.in ?? asked.notIn ?? [];
    // Rules of a lifecycle that are only followed round may name stages that come or go with them.
    const isFollowed = open.includes(lifecycle.id);
    const stages = isFollowed ? keys : keys.map((key) => demandStage(lifecycle, key, at));
    const place = { place: { lifecycleId: lifecycle.id, stages, ...(limit && { limit }) } };
    return asked.in ? place : { not: place };
  }

  return resolve(filter, path, []);
}

const asked = (asks: RiskCondition['asks'], { riskModel: model }: Vocabulary): Condition =>
  model ? { risk: { model, asks } } : nobody;

/** Of a workspace without a model nobody is assessed. */
const nobody: Condition = { any: [] };

function resolveRisk(told: RiskFilter, vocabulary: Vocabulary): Condition {
  if (told.score) return asked({ score: told.score }, vocabulary);
  if (told.pAlive) return asked({ pAlive: told.pAlive }, vocabulary);
  if (told.band) {
    const { in: within, notIn, forAtLeast } = told.band;
    const limit = forAtLeast === undefined ? {} : { limit: { forAtLeast } };
    const place = { lifecycleId: bandPlace, stages: within ?? notIn ?? [], ...limit };
    return within ? { place } : { not: { place } };
  }
  const limit = told.flaggedForAtLeast;
  const place = { lifecycleId: flagPlace, stages: [flaggedKey] };
  if (limit !== undefined) return { place: { ...place, limit: { forAtLeast: limit } } };
  return told.flagged ? { place } : { not: { place } };
}

const told = (name: string, value: boolean): Condition => ({
  trait: { name, is: { boolean: value } },
});

function limitOf(asked: StageCondition): StageLimit | undefined {
  if (asked.forAtLeast !== undefined) return { forAtLeast: asked.forAtLeast };
  if (asked.enteredWithin !== undefined) return { enteredWithin: asked.enteredWithin };
  if (asked.within !== undefined) return { within: asked.within };
  return asked.ever ? { ever: true } : undefined;
}

const sameKey = (a: string, b: string) => a.toUpperCase() === b.toUpperCase();

const findByKey = <Named extends { key: string }>(named: readonly Named[], key: string) =>
  named.find((one) => sameKey(one.key, key));

const unknown = (
  at: string,
  what: string,
  key: string,
  known: ReadonlyArray<Pick<SegmentName, 'key'>>,
) => {
  const some = known.slice(0, 20).map((one) => one.key);
  const problem = `no ${what} has the key ${JSON.stringify(key)}`;
  return new InvalidFilter(at, problem, { names: `There are: ${some.join(', ') || 'none'}.` });
};

function demandLifecycle({ lifecycles }: Vocabulary, key: string | undefined, at: string) {
  const found =
    key === undefined ? lifecycles.find(({ isDefault }) => isDefault) : findByKey(lifecycles, key);
  if (found) return found;
  throw key === undefined
    ? new InvalidFilter(at, 'there is no default lifecycle: name one')
    : unknown(at, 'lifecycle', key, lifecycles);
}

function demandStage({ key: lifecycle, stages }: LifecycleName, key: string, at: string): string {
  const found = stages.find((stage) => sameKey(stage, key));
  if (found !== undefined) return found;
  const keys = stages.map((stage) => ({ key: stage }));
  throw unknown(at, `stage of ${lifecycle}`, key, keys);
}
