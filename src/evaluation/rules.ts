import type { Filter } from '../conditions/filter.ts';
import { compilePlan, type Plan } from '../conditions/plan.ts';
import { type Condition, resolveFilter } from '../conditions/resolve.ts';
import { lifecyclesIn, type Tree } from '../conditions/tree.ts';
import { loadVocabulary, type Vocabulary, withStages } from '../conditions/vocabulary.ts';
import type { Sql } from '../platform/database.ts';
import { loadStageOwners, type StageOwners } from '../teams/stage-owners.ts';
import { type Definition, loadDefinitions } from './definitions.ts';

/** A stage with its rules made ready; of a segment, its members' only one. */
export interface StageRules {
  /** Empty for a segment. */
  key: string;
  /** As it was written, for the record. */
  filter: Filter;
  entry: Tree;
  stay: Tree | undefined;
}

/** A lifecycle or a segment as evaluation sees it: stages a customer is in one of, or in none. */
export interface RuleSet extends Pick<Definition, 'kind' | 'subjectId' | 'version' | 'buildId'> {
  /** Of a definition in force the lifecycle's or segment's, of one on its way the build's. */
  id: string;
  stages: StageRules[];
}

/** All that decides where the customers of a workspace are. */
export interface Rules {
  timeZone: string;
  /** Who answers for the stages that have an owner. */
  owners: StageOwners;
  /** Those first that others depend on. */
  sets: RuleSet[];
  /** All conditions at once, for customers as they were after an event of a batch … */
  given: Plan;
  /** … and for customers as they are stored. */
  stored: Plan;
}

const mostKept = 500;
const kept = new Map<string, { version: string; rules: Rules }>();

/** The rules in force and on their way, compiled once for as long as nobody changes them. */
export async function loadRules(sql: Sql, workspaceId: string): Promise<Rules> {
  const { rows } = await sql.query<{ version: string }>(
    'select rules_version as version from workspace where id = $1',
    [workspaceId],
  );
  const version = rows[0]?.version ?? '';
  const known = kept.get(workspaceId);
  if (known?.version === version) return known.rules;
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const definitions = await loadDefinitions(sql, workspaceId);
  const owners = await loadStageOwners(sql, workspaceId);
  const rules = { ...compileRules(workspaceId, vocabulary, definitions), owners };
  if (kept.size >= mostKept) kept.clear();
  kept.set(workspaceId, { version, rules });
  return rules;
}

/** Makes definitions ready for evaluation. */
export function compileRules(
  workspaceId: string,
  vocabulary: Vocabulary,
  definitions: readonly Definition[],
): Omit<Rules, 'owners'> {
  const { timeZone } = vocabulary;
  const written = definitions.flatMap((definition) => filtersOf(definition));
  const conditions = written.map(({ filter, definition }): Condition => {
    if (definition.kind === 'SEGMENT') return resolveFilter(filter, vocabulary, 'rule');
    const { subjectId, stages } = definition;
    const own = withStages(
      vocabulary,
      subjectId,
      stages.map(({ key }) => key),
    );
    return resolveFilter(filter, own, 'rule', { ownLifecycleId: subjectId });
  });
  const options = { workspaceId, timeZone };
  const given = compilePlan(conditions, { ...options, source: 'given' });
  const stored = compilePlan(conditions, { ...options, source: 'stored' });
  const trees = new Map(written.map(({ filter }, index) => [filter, demand(given.trees[index])]));
  const sets = definitions.map((definition) => toRuleSet(definition, trees));
  return { timeZone, sets: inOrder(sets), given, stored };
}

const filtersOf = (definition: Definition) =>
  definition.stages
    .flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]))
    .map((filter) => ({ filter, definition }));

function toRuleSet({ stages, ...definition }: Definition, trees: Map<Filter, Tree>): RuleSet {
  return {
    ...definition,
    id: definition.buildId ?? definition.subjectId,
    stages: stages.map(({ key, entry, stay }) => ({
      key,
      filter: entry,
      entry: demand(trees.get(entry)),
      stay: stay ? demand(trees.get(stay)) : undefined,
    })),
  };
}

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A rule was not compiled');
  return value;
}

/** Lifecycles before whatever asks for their places, segments last; definitions on their way after all. */
function inOrder(sets: RuleSet[]): RuleSet[] {
  const ordered = new Set<RuleSet>();
  const visit = (set: RuleSet) => {
    if (ordered.has(set)) return;
    const trees = set.stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
    const asked = new Set(trees.flatMap(lifecyclesIn));
    for (const other of sets) {
      if (other !== set && other.buildId === null && asked.has(other.id)) visit(other);
    }
    ordered.add(set);
  };
  const isShadow = (set: RuleSet) => set.buildId !== null;
  const lifecycles = sets.filter((set) => set.kind === 'LIFECYCLE' && !isShadow(set));
  const segments = sets.filter((set) => set.kind === 'SEGMENT' && !isShadow(set));
  for (const set of [...lifecycles, ...segments, ...sets.filter(isShadow)]) visit(set);
  return [...ordered];
}
