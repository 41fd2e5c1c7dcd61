import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { type AbsentData, noAbsentData } from '../conditions/absent-data.ts';
import type { Condition } from '../conditions/condition.ts';
import { narrow } from '../conditions/narrow.ts';
import type { PairSource } from '../conditions/pair-lookups.ts';
import type { Needs } from '../conditions/pair-scope.ts';
import { compilePlan, type Plan } from '../conditions/plan.ts';
import { ruleSetsIn, type Tree } from '../conditions/tree.ts';
import { loadVocabulary, type Vocabulary } from '../conditions/vocabulary.ts';
import { installedExtensions } from '../extensions.ts';
import type { ApplyConsequence } from './consequence.ts';
import type { Definition } from './definition.ts';
import { loadDefinitions, ruleSetKinds } from './definitions.ts';
import { inDependencyOrder } from './dependency-order.ts';
import type { ResolvedRuleSet, RuleSet } from './rule-set.ts';
import type { RuleSetGroup, RuleSetKind } from './rule-set-kind.ts';

/** The rule sets of a workspace, of all kinds. */
export interface RuleSets {
  timeZone: string;
  /** By kind, in the order of evaluation. */
  groups: ReadonlyMap<string, RuleSetGroup>;
  /** In the order of evaluation: each after those it depends on, those in running builds last. */
  sets: readonly RuleSet[];
  /** The data of customers that the conditions need. */
  needs: Needs;
  /**
   * Compiles the rules for customers that lack the absent data. Of the sets for placed customers, only those in
   * `placed` are compiled.
   */
  compile(source: PairSource, absent: AbsentData, placed: ReadonlySet<string>): CompiledRules;
}

export interface Rules extends RuleSets {
  consequences: readonly ApplyConsequence[];
}

export interface CompiledRules {
  timeZone: string;
  sets: readonly RuleSet[];
  /** All conditions in one statement. */
  plan: Plan;
}

const maxCachedWorkspaces = 500;
const cache = new Map<string, { version: string; rules: Rules }>();

/** Loads the active rules and those in running builds; cached until they change. */
export async function loadRules(db: Transaction): Promise<Rules> {
  const { rows } = await db.query<{ version: string }>(sql`
    select rules_version as version from workspace where id = ${db.workspaceId}`);
  const version = rows[0]?.version ?? '';
  const cached = cache.get(db.workspaceId);
  if (cached?.version === version) return cached.rules;
  const vocabulary = await loadVocabulary(db);
  const definitions = await loadDefinitions(db);
  const consequences = await loadConsequences(db);
  const sets = compileRuleSets(db.workspaceId, vocabulary, definitions, ruleSetKinds());
  const rules = { ...sets, consequences };
  if (cache.size >= maxCachedWorkspaces) cache.clear();
  cache.set(db.workspaceId, { version, rules });
  return rules;
}

async function loadConsequences(db: Transaction): Promise<ApplyConsequence[]> {
  const consequences: ApplyConsequence[] = [];
  for (const extension of installedExtensions()) {
    for (const one of extension.consequences ?? []) {
      consequences.push(await one.load(db));
    }
  }
  return consequences;
}

/** Resolves and compiles the rule sets of some kinds. */
export function compileRuleSets(
  workspaceId: string,
  vocabulary: Vocabulary,
  definitions: readonly Definition[],
  kinds: readonly RuleSetKind[],
): RuleSets {
  const { timeZone } = vocabulary;
  const groups = new Map(
    kinds.flatMap((kind): Array<[string, RuleSetGroup]> => {
      const own = definitions.filter((definition) => definition.kind === kind.name);
      const group = kind.resolve(vocabulary, own);
      return group ? [[kind.name, group]] : [];
    }),
  );
  const resolved = [...groups].flatMap(([kind, { sets }]) => sets.map((set) => ({ ...set, kind })));
  const options = { workspaceId, timeZone };
  const whole = compileSets(resolved, { ...options, source: 'given', absent: noAbsentData });
  const sets = inEvaluationOrder(whole.sets);
  const order = sets.map((set) => requireCompiled(resolved[whole.sets.indexOf(set)]));
  return {
    timeZone,
    groups,
    sets,
    needs: whole.plan.needs,
    compile: cached((source, absent, placed) => {
      const applied = order.filter(({ appliesTo, id }) => appliesTo === 'ALL' || placed.has(id));
      return compileSets(applied, { ...options, source, absent });
    }),
  };
}

/** A rule set whose conditions are not compiled yet. */
export type UncompiledSet = ResolvedRuleSet & Pick<RuleSet, 'kind'>;

interface CompileOptions {
  workspaceId: string;
  timeZone: string;
  source: PairSource;
  /** What all the customers lack. */
  absent: AbsentData;
}

/** Compiles rule sets, in this order, to one statement. */
export function compileSets(
  sets: readonly UncompiledSet[],
  { absent, ...options }: CompileOptions,
): CompiledRules {
  const conditions = sets.flatMap(conditionsOf).map((condition) => narrow(condition, absent));
  const plan = compilePlan(conditions, options);
  const trees = plan.trees.values();
  return { timeZone: options.timeZone, plan, sets: sets.map((set) => compileSet(set, trees)) };
}

const conditionsOf = ({ stages }: ResolvedRuleSet): Condition[] =>
  stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));

/** Consumes the trees of the set, which are in the order of its conditions. */
function compileSet(set: UncompiledSet, trees: Iterator<Tree, unknown>): RuleSet {
  const next = () => {
    const { value, done } = trees.next();
    return requireCompiled(done ? undefined : value);
  };
  const stages = set.stages.map(({ key, filter, stay }) => ({
    key,
    filter,
    entry: next(),
    stay: stay && next(),
  }));
  const rules = stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
  return { ...set, stages, dependsOn: [...new Set(rules.flatMap(ruleSetsIn))] };
}

function requireCompiled<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A rule was not compiled');
  return value;
}

/** No set depends on one in a running build. */
function inEvaluationOrder(sets: readonly RuleSet[]): RuleSet[] {
  const active = sets.filter(({ buildId }) => buildId === null);
  const building = sets.filter(({ buildId }) => buildId !== null);
  return inDependencyOrder([...active, ...building], ({ dependsOn }) =>
    active.filter(({ id }) => dependsOn.includes(id)),
  );
}

const maxCachedPlans = 100;

function cached(compile: RuleSets['compile']): RuleSets['compile'] {
  const plans = new Map<string, CompiledRules>();
  return (source, absent, placed) => {
    const lists = Object.values(absent).map((names) => [...names]);
    const key = JSON.stringify([source, ...lists, [...placed].sort()]);
    const compiled = plans.get(key) ?? compile(source, absent, placed);
    if (plans.size >= maxCachedPlans) plans.clear();
    plans.set(key, compiled);
    return compiled;
  };
}
