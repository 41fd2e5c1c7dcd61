import type { StageDraft } from '../definition/stage-draft.ts';

/** A predefined lifecycle, taken from one of the articles that Stageline started from. */
export interface LifecycleTemplate {
  /** The key of the template and of the lifecycle created from it. The template's own rules refer to it. */
  key: string;
  name: string;
  description: string;
  /** Quotations from the article about the stages as a whole. */
  source: readonly string[];
  /** In order. */
  stages: readonly StageTemplate[];
}

type Required = 'key' | 'name' | 'synonyms' | 'phase' | 'description' | 'entry';

/** A stage without what only the business knows: its owner and its goals. */
export type StageTemplate = Pick<StageDraft, Required> &
  Partial<Pick<StageDraft, 'stay' | 'expectedDuration'>>;

/** The stages of the template as stages of a lifecycle. */
export const draftStages = ({ stages }: LifecycleTemplate): StageDraft[] =>
  stages.map((stage) => ({
    stay: null,
    expectedDuration: null,
    acceptWithin: null,
    goals: [],
    ownerMemberId: null,
    ownerTeamId: null,
    ...stage,
  }));
