import type { Transaction } from '../../platform/database.ts';
import { noAbsentData } from '../conditions/absent-data.ts';
import type { Condition } from '../conditions/condition.ts';
import { evaluateStored } from './evaluate-inputs.ts';
import type { Placements } from './outcome.ts';
import { loadPlacements } from './placements.ts';
import type { RuleSet } from './rule-set.ts';
import {
  type CompiledRules,
  compileSets,
  loadRules,
  type Rules,
  type UncompiledSet,
} from './rules.ts';

/** A condition, and whether the customer matches it at the instant of the forecast. */
export interface PresentAnswer {
  condition: Condition;
  holds: boolean;
}

/** Rules may move a customer to and fro without end. What did not change until then is taken to never change. */
const maxEvaluations = 200;

/**
 * Finds when the answer to each condition changes if only time passes, in ms; infinite for never. It evaluates the
 * customer at the instants at which rules will move it, at most 200, as if each condition were a segment. Stores nothing.
 */
export async function forecastChanges(
  db: Transaction,
  answers: readonly PresentAnswer[],
  { customerId, at }: { customerId: string; at: Date },
): Promise<number[]> {
  const rules = await loadRules(db);
  const compiled = compileWith(db.workspaceId, rules, answers);
  const loaded = await loadPlacements(db, rules, [customerId]);
  let placements = withAnswers(loaded.get(customerId) ?? new Map(), answers, at);
  const changes = new Map<string, number>();
  let due = at.getTime();
  for (let count = 0; count < maxEvaluations && Number.isFinite(due); count += 1) {
    const input = { customerId, placements, due, steps: [], horizon: due };
    const [outcome] = await evaluateStored(db, compiled, [input]);
    if (!outcome) throw new Error(`Customer ${customerId} does not exist`);
    for (const { set, at: movedAt } of outcome.moves) {
      if (!changes.has(set.id)) changes.set(set.id, movedAt);
    }
    ({ placements, due } = outcome);
    if (answers.every((_, index) => changes.has(idOf(index)))) break;
  }
  return answers.map((_, index) => changes.get(idOf(index)) ?? Infinity);
}

const idOf = (index: number) => `condition ${index}`;

/** The rule sets that the conditions depend on, directly or not, followed by the conditions as further ones. */
function compileWith(
  workspaceId: string,
  rules: Rules,
  answers: readonly PresentAnswer[],
): CompiledRules {
  const own = answers.map(({ condition }, index) => toRuleSet(condition, idOf(index)));
  const active = rules.sets.flatMap(
    ({ id, kind }) =>
      rules.groups
        .get(kind)
        ?.sets.flatMap((set) =>
          set.id === id && set.buildId === null ? [{ ...set, kind }] : [],
        ) ?? [],
  );
  const options = {
    workspaceId,
    timeZone: rules.timeZone,
    source: 'stored',
    absent: noAbsentData,
  } as const;
  const needed = dependenciesOf(compileSets(own, options).sets, rules.sets);
  return compileSets([...active.filter(({ id }) => needed.has(id)), ...own], options);
}

function dependenciesOf(sets: readonly RuleSet[], all: readonly RuleSet[]): Set<string> {
  const needed = new Set<string>();
  const add = ({ dependsOn }: RuleSet) => {
    for (const id of dependsOn) {
      if (needed.has(id)) continue;
      needed.add(id);
      all.filter((set) => set.id === id).forEach(add);
    }
  };
  sets.forEach(add);
  return needed;
}

const toRuleSet = (condition: Condition, id: string): UncompiledSet => ({
  id,
  kind: 'CONDITION',
  subjectId: id,
  version: 0,
  buildId: null,
  appliesTo: 'ALL',
  keepsUnmatched: false,
  stages: [{ key: '', filter: { all: [] }, entry: condition, stay: undefined }],
});

function withAnswers(
  placements: Placements,
  answers: readonly PresentAnswer[],
  at: Date,
): Placements {
  const placed = new Map(placements);
  const member = { stageKey: '', since: at.getTime(), leftAt: {}, pinnedUntil: undefined };
  for (const [index, { holds }] of answers.entries()) {
    if (holds) placed.set(idOf(index), member);
  }
  return placed;
}
