import { everActive, riskSets } from '../../domains/churn/rules/risk-sets.ts';
import { loadStageOwners, type StageOwners } from '../../domains/tasks/stage-owners.ts';
import type { Sql } from '../../platform/database.ts';
import { type Absent, nothingAbsent } from '../conditions/absent.ts';
import type { Condition } from '../conditions/condition.ts';
import type { Filter } from '../conditions/filter.ts';
import { narrow } from '../conditions/narrow.ts';
import type { Needs, PairSource } from '../conditions/pair-scope.ts';
import { compilePlan, type Plan } from '../conditions/plan.ts';
import { resolveFilter } from '../conditions/resolve.ts';
import { ruleSetsIn, type Tree } from '../conditions/tree.ts';
import { loadVocabulary, type Vocabulary, withStages } from '../conditions/vocabulary.ts';
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

/**
 * A lifecycle or a segment as evaluation sees it: stages a customer is in one of, or in none. The bands of
 * risk are another, and to be flagged is one with a single stage.
 */
export interface RuleSet extends Pick<Definition, 'subjectId' | 'version' | 'buildId'> {
  kind: Definition['kind'] | 'RISK';
  /** Of a definition in force the lifecycle's or segment's, of one on its way the build's. */
  id: string;
  stages: StageRules[];
  /** Whether any of its rules asks for the customer's stage. */
  asksPlaces: boolean;
}

/** What risk is assessed by, with whatever has to be told of it. */
type RiskModelInForce = Vocabulary['riskModel'];

/** All that decides where the customers of a workspace are. */
export interface Rules {
  timeZone: string;
  /** Who answers for the stages that have an owner. */
  owners: StageOwners;
  riskModel: RiskModelInForce;
  sets: readonly RuleSet[];
  /** What has to be known of a customer to answer them. */
  needs: Needs;
  /** The rules made ready for some customers, none of whom has what is absent. */
  compile(source: PairSource, absent: Absent): CompiledRules;
}

export interface CompiledRules {
  timeZone: string;
  /** Those first that others depend on. */
  sets: readonly RuleSet[];
  /** All their conditions at once. */
  plan: Plan;
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
  const { riskModel } = vocabulary;
  const rules = { ...compileRules(workspaceId, vocabulary, definitions, riskModel), owners };
  if (kept.size >= mostKept) kept.clear();
  kept.set(workspaceId, { version, rules });
  return rules;
}

/** Makes definitions ready for evaluation. */
export function compileRules(
  workspaceId: string,
  vocabulary: Vocabulary,
  definitions: readonly Definition[],
  riskModel: RiskModelInForce = null,
): Omit<Rules, 'owners'> {
  const { timeZone } = vocabulary;
  const risks = riskModel ? riskSets(riskModel) : [];
  const activity = riskModel ? [everActive(riskModel)] : [];
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
  const compile = (source: PairSource, absent: Absent): CompiledRules => {
    const asked = [...conditions, ...activity].map((condition) => narrow(condition, absent));
    const plan = compilePlan(asked, { workspaceId, timeZone, source });
    const trees = new Map(written.map(({ filter }, index) => [filter, demand(plan.trees[index])]));
    const sets = [...risks, ...definitions.map((definition) => toRuleSet(definition, trees))];
    return { timeZone, sets, plan };
  };
  const whole = compile('given', nothingAbsent);
  const order = inOrder(whole.sets);
  const places = order.map((set) => whole.sets.indexOf(set));
  return {
    timeZone,
    riskModel,
    sets: order,
    needs: whole.plan.needs,
    compile: keep((source, absent) => {
      const { sets, ...rest } = compile(source, absent);
      return { ...rest, sets: places.map((place) => demand(sets[place])) };
    }),
  };
}

/** So many of the ways in which customers can lack something are kept ready. */
const mostCompiled = 100;

function keep(compile: Rules['compile']): Rules['compile'] {
  const compiled = new Map<string, CompiledRules>();
  return (source, absent) => {
    const key = JSON.stringify([source, ...Object.values(absent).map((names) => [...names])]);
    const known = compiled.get(key) ?? compile(source, absent);
    if (compiled.size >= mostCompiled) compiled.clear();
    compiled.set(key, known);
    return known;
  };
}

const filtersOf = (definition: Definition) =>
  definition.stages
    .flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]))
    .map((filter) => ({ filter, definition }));

function toRuleSet({ stages, ...definition }: Definition, trees: Map<Filter, Tree>): RuleSet {
  const compiled = stages.map(({ key, entry, stay }) => ({
    key,
    filter: entry,
    entry: demand(trees.get(entry)),
    stay: stay ? demand(trees.get(stay)) : undefined,
  }));
  return {
    ...definition,
    id: definition.buildId ?? definition.subjectId,
    stages: compiled,
    asksPlaces: lifecyclesAsked(compiled).length > 0,
  };
}

/** The lifecycles whose places some rule of these stages asks for. */
const lifecyclesAsked = (stages: readonly StageRules[]) =>
  stages.flatMap(({ entry, stay }) => [entry, ...(stay ? [stay] : [])]).flatMap(ruleSetsIn);

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A rule was not compiled');
  return value;
}

/** Risk first, lifecycles before whatever asks for their places, then segments; definitions on their way after all. */
function inOrder(sets: readonly RuleSet[]): RuleSet[] {
  const ordered = new Set<RuleSet>();
  const visit = (set: RuleSet) => {
    if (ordered.has(set)) return;
    const asked = new Set(lifecyclesAsked(set.stages));
    for (const other of sets) {
      if (other !== set && other.buildId === null && asked.has(other.id)) visit(other);
    }
    ordered.add(set);
  };
  const isShadow = (set: RuleSet) => set.buildId !== null;
  const lifecycles = sets.filter((set) => set.kind === 'LIFECYCLE' && !isShadow(set));
  const segments = sets.filter((set) => set.kind === 'SEGMENT' && !isShadow(set));
  const risks = sets.filter((set) => set.kind === 'RISK');
  for (const set of [...risks, ...lifecycles, ...segments, ...sets.filter(isShadow)]) visit(set);
  return [...ordered];
}
