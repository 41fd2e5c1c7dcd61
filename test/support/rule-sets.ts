import { type Answer, answerUntil, permanentAnswer } from '../../src/engine/conditions/clause.ts';
import { placementCondition } from '../../src/engine/conditions/placement-condition.ts';
import type { StageLimit } from '../../src/engine/conditions/scope.ts';
import type { AnsweredRow, Tree } from '../../src/engine/conditions/tree.ts';
import type { Placement } from '../../src/engine/evaluation/outcome.ts';
import type { RuleSet, StageRules } from '../../src/engine/evaluation/rule-set.ts';

export const always: Tree = { all: [] };
export const never: Tree = { any: [] };

/** A condition whose answer is the nth value of an answered row. */
export const nth = (index: number): Tree => ({ expiring: index });

/** Whether the customer is in a stage of another rule set. */
export const inStage = (ruleSetId: string, stage: string, limit?: StageLimit): Tree =>
  placementCondition({ ruleSetId, stages: [stage], ...(limit && { limit }) });

export const yes = (until?: number): Answer =>
  until === undefined ? permanentAnswer(true) : answerUntil(true, until);
export const no = (until?: number): Answer =>
  until === undefined ? permanentAnswer(false) : answerUntil(false, until);

export const answers = (...expiring: Answer[]): AnsweredRow => ({
  steady: '',
  during: [],
  expiring,
});

type Stages = Record<string, Tree | { entry: Tree; stay: Tree }>;

/** An active rule set, whose stages are given by their entry rules, or by entry and stay rules. */
export function ruleSet(id: string, stages: Stages, change: Partial<RuleSet> = {}): RuleSet {
  return {
    kind: 'LIFECYCLE',
    id,
    subjectId: id,
    version: 1,
    buildId: null,
    appliesTo: 'ALL',
    keepsUnmatched: true,
    dependsOn: [],
    stages: Object.entries(stages).map(
      ([key, rule]): StageRules => ({
        key,
        filter: { all: [] },
        ...('stay' in rule ? rule : { entry: rule, stay: undefined }),
      }),
    ),
    ...change,
  };
}

/** A segment: a rule set with the single stage of members. */
export const segment = (id: string, entry: Tree, change: Partial<RuleSet> = {}): RuleSet =>
  ruleSet(id, { '': entry }, { kind: 'SEGMENT', keepsUnmatched: false, ...change });

export const placement = (stageKey: string, change: Partial<Placement> = {}): Placement => ({
  stageKey,
  since: 0,
  leftAt: {},
  pinnedUntil: undefined,
  ...change,
});
