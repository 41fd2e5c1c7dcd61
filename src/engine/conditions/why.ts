import type { Transaction } from '../../platform/database.ts';
import { storedPairs } from './answer.ts';
import { validUntil } from './clause.ts';
import type { Filter } from './filter.ts';
import type { Evidence, EvidenceQuery } from './filter-clause.ts';
import { requireClause } from './filter-clauses.ts';
import { loadStagePlacements } from './load-stage-placements.ts';
import { compilePlan } from './plan.ts';
import { resolveFilter } from './resolve.ts';
import { type AnsweredRow, answerAt } from './tree.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The answer to one clause of a filter, or to a combination of clauses, for one customer. */
export interface Explanation extends Evidence {
  /** Its path in the filter, such as `all.0.did`. The path of a referenced definition precedes that of its filter. */
  path: string;
  /** The clause as it was written. */
  clause: Filter;
  holds: boolean;
  /** When time alone may next change the answer; null for never. */
  nextChangeAt: Date | null;
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
  const explanations: Explanation[] = [];
  for (const [index, node] of nodes.entries()) {
    const tree = plan.trees[index];
    const [row] = rows;
    if (!tree || !row) throw new Error(`Customer ${customerId} does not exist`);
    const answer = answerAt(tree, row, { at: at.getTime(), timeZone, placementIn });
    const holds = answer > 0;
    const evidence = await evidenceFor(node.clause, { ...query, holds });
    explanations.push({ ...node, holds, nextChangeAt: untilOf(answer), ...evidence });
  }
  return explanations;
}

const untilOf = (answer: number) => (Number.isFinite(answer) ? new Date(validUntil(answer)) : null);

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
