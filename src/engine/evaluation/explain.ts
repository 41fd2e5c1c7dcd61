import type { Transaction } from '../../platform/database.ts';
import { storedPairs } from '../conditions/answer.ts';
import type { Answer } from '../conditions/clause.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Filter } from '../conditions/filter.ts';
import type { Evidence, EvidenceQuery } from '../conditions/filter-clause.ts';
import { requireClause } from '../conditions/filter-clauses.ts';
import { loadStagePlacements } from '../conditions/load-stage-placements.ts';
import { compilePlan, type Plan } from '../conditions/plan.ts';
import { resolveFilter } from '../conditions/resolve.ts';
import { type AnsweredRow, answerAt, ruleSetsIn } from '../conditions/tree.ts';
import type { Vocabulary } from '../conditions/vocabulary.ts';
import { forecastChanges } from './forecast.ts';

/** The answer to one clause of a filter, or to a combination of clauses, for one customer. */
export interface Explanation extends Evidence {
  /** Its path in the filter, such as `all.0.did`. The path of a referenced definition precedes that of its filter. */
  path: string;
  /** The clause as it was written. */
  clause: Filter;
  holds: boolean;
  /** When time alone next changes the answer; null for never. Computed for all clauses when the first one is read. */
  nextChangeAt: () => Promise<Date | null>;
}

interface ExplainedNode {
  path: string;
  clause: Filter;
}

/** Explains a filter for a customer at an instant: first the whole filter, then its parts in order. */
export async function explain(
  db: Transaction,
  vocabulary: Vocabulary,
  filter: Filter,
  { customerId, at }: { customerId: string; at: Date },
): Promise<Explanation[]> {
  const nodes = flattenFilter(filter, '', vocabulary);
  const { workspaceId } = db;
  const { timeZone } = vocabulary;
  const conditions = nodes.map(({ clause }) => resolveFilter(clause, vocabulary));
  const plan = compilePlan(conditions, { workspaceId, timeZone, source: 'stored' });
  const { rows } = await db.query<AnsweredRow>(
    plan.select(storedPairs(workspaceId, [{ customerId, at }]), 'all'),
  );
  const loaded = await loadStagePlacements(db, [customerId]);
  const placements = loaded.get(customerId) ?? new Map();
  const placementIn = (ruleSetId: string) => placements.get(ruleSetId);
  const query = { db, vocabulary, customerId, at, placements };
  const [row] = rows;
  if (!row) throw new Error(`Customer ${customerId} does not exist`);
  const point = { at: at.getTime(), timeZone, placementIn };
  const answers = plan.trees.map((tree) => answerAt(tree, row, point));
  const nextChanges = once(() =>
    findNextChanges(db, { conditions, plan, answers, customerId, at }),
  );
  const explanations: Explanation[] = [];
  for (const [index, node] of nodes.entries()) {
    const holds = (answers[index] ?? 0) > 0;
    const evidence = await evidenceFor(node.clause, { ...query, holds });
    const nextChangeAt = async () => toDate((await nextChanges())[index] ?? Infinity);
    explanations.push({ ...node, holds, nextChangeAt, ...evidence });
  }
  return explanations;
}

const toDate = (ms: number) => (Number.isFinite(ms) ? new Date(ms) : null);

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

interface AnsweredConditions {
  conditions: readonly Condition[];
  plan: Plan;
  answers: readonly Answer[];
  customerId: string;
  at: Date;
}

/**
 * When time alone changes each answer (ms; infinite for never). SQL knows until when an answer is valid at least; the
 * parts of a condition may change then without changing the whole, and rules may move the customer before.
 */
async function findNextChanges(
  db: Transaction,
  { conditions, plan, answers, ...point }: AnsweredConditions,
): Promise<number[]> {
  const all = conditions.map((condition, index) => ({
    condition,
    holds: (answers[index] ?? 0) > 0,
  }));
  const changing = all.filter((_, index) => {
    const tree = plan.trees[index];
    return Number.isFinite(answers[index]) || (tree && ruleSetsIn(tree).length > 0);
  });
  if (changing.length === 0) return all.map(() => Infinity);
  const changes = await forecastChanges(db, changing, point);
  return all.map((one) => changes[changing.indexOf(one)] ?? Infinity);
}

const noEvidence: Evidence = { actual: null, eventIds: [], missing: null };

/** Combinations have no evidence of their own. */
async function evidenceFor(filter: Filter, query: EvidenceQuery): Promise<Evidence> {
  if ('all' in filter || 'any' in filter || 'not' in filter) return noEvidence;
  const { clause, input } = requireClause(filter);
  return { ...noEvidence, ...(await clause.explain?.(input, query)) };
}

/** The filter and its parts, including the filters that its clauses refer to. */
function flattenFilter(filter: Filter, path: string, vocabulary: Vocabulary): ExplainedNode[] {
  const under = (part: Filter, step: string) =>
    flattenFilter(part, path === '' ? step : `${path}.${step}`, vocabulary);
  const self = { path, clause: filter };
  if ('all' in filter) return [self, ...filter.all.flatMap((part, i) => under(part, `all.${i}`))];
  if ('any' in filter) return [self, ...filter.any.flatMap((part, i) => under(part, `any.${i}`))];
  if ('not' in filter) return [self, ...under(filter.not, 'not')];
  const { clause, input } = requireClause(filter);
  const referenced = clause.expand?.(input, vocabulary) ?? [];
  return [self, ...referenced.flatMap((one) => under(one.filter, one.step))];
}
