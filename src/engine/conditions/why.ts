import type { Sql } from '../../platform/database.ts';
import { storedPairs } from './answer.ts';
import { standsUntil } from './clause.ts';
import { type Evidence, evidenceFor } from './evidence.ts';
import type { Filter } from './filter.ts';
import { loadPlaces } from './places.ts';
import { compilePlan } from './plan.ts';
import { resolveFilter } from './resolve.ts';
import { type AnsweredRow, answerAt } from './tree.ts';
import type { Vocabulary } from './vocabulary.ts';

/** One clause of a filter, or a part made of others, as it is answered for one customer. */
export interface Explanation extends Evidence {
  /** Where it stands in the filter, such as `all.0.did`; a segment's own filter follows its name. */
  path: string;
  /** The clause as it was written. */
  clause: Filter;
  holds: boolean;
  /** When time alone may next change the answer; null for never. */
  nextChangeAt: Date | null;
}

interface Node {
  path: string;
  clause: Filter;
}

interface Asker {
  workspaceId: string;
  vocabulary: Vocabulary;
}

/** Explains a filter for a customer at an instant: the whole first, then its parts in order. */
export async function explain(
  sql: Sql,
  { workspaceId, vocabulary }: Asker,
  filter: Filter,
  { customerId, at }: { customerId: string; at: Date },
): Promise<Explanation[]> {
  const nodes = unfold(filter, '', vocabulary);
  const { timeZone } = vocabulary;
  const conditions = nodes.map(({ clause }) => resolveFilter(clause, vocabulary));
  const plan = compilePlan(conditions, { workspaceId, timeZone, source: 'stored' });
  const { text, values } = plan.select(storedPairs(workspaceId, [{ customerId, at }]), 'all');
  const { rows } = await sql.query<AnsweredRow>(text, values);
  const places = await loadPlaces(sql, workspaceId, [customerId]);
  const moment = {
    at: at.getTime(),
    timeZone,
    placeIn: (lifecycleId: string) => places.get(customerId)?.get(lifecycleId),
  };
  const asked = { workspaceId, vocabulary, customerId, at, places: places.get(customerId) };
  const explanations: Explanation[] = [];
  for (const [index, node] of nodes.entries()) {
    const tree = plan.trees[index];
    const [row] = rows;
    if (!tree || !row) throw new Error('A customer was asked about that does not exist');
    const said = answerAt(tree, row, moment);
    const holds = said > 0;
    const evidence = await evidenceFor(sql, asked, node.clause, holds);
    explanations.push({ ...node, holds, nextChangeAt: untilOf(said), ...evidence });
  }
  return explanations;
}

const untilOf = (said: number) => (Number.isFinite(said) ? new Date(standsUntil(said)) : null);

/** The filter and all it is made of; segments with what they mean. */
function unfold(clause: Filter, path: string, vocabulary: Vocabulary): Node[] {
  const under = (part: Filter, step: string) =>
    unfold(part, path === '' ? step : `${path}.${step}`, vocabulary);
  const self = { path, clause };
  if ('all' in clause) return [self, ...clause.all.flatMap((part, i) => under(part, `all.${i}`))];
  if ('any' in clause) return [self, ...clause.any.flatMap((part, i) => under(part, `any.${i}`))];
  if ('not' in clause) return [self, ...under(clause.not, 'not')];
  if (!('segment' in clause)) return [self];
  const keys = clause.segment.in ?? clause.segment.notIn ?? [];
  const meant = keys.flatMap((key) => {
    const found = vocabulary.segments.find((one) => one.key.toUpperCase() === key.toUpperCase());
    return found?.filter ? under(found.filter, `segment.${found.key}`) : [];
  });
  return [self, ...meant];
}
