import type { StageDraft } from '../stage-draft.ts';

/** A lifecycle ready to be loaded: the model of one of the articles Stageline started from. */
export interface LifecycleTemplate {
  /** Its name, and the key of the lifecycle that is made of it; its own rules refer to it. */
  key: string;
  name: string;
  description: string;
  /** The article's words about its stages as a whole. */
  source: readonly string[];
  /** In order. */
  stages: readonly StageTemplate[];
}

type Told = 'key' | 'name' | 'synonyms' | 'phase' | 'description' | 'entry';

/** A stage without what only the business knows: who owns it, and what is to be reached in it. */
export type StageTemplate = Pick<StageDraft, Told> &
  Partial<Pick<StageDraft, 'stay' | 'expectedDuration'>>;

/** The template's stages as those of a lifecycle. */
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
