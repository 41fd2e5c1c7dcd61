import type { Filter } from '../../../engine/conditions/filter.ts';
import type { Goal } from './goal.ts';
import type { Phase } from './phases.ts';

/** The definition of a stage, of an active lifecycle or of one being built. */
export interface StageDraft {
  /** In upper case, unique in its lifecycle. */
  key: string;
  name: string;
  synonyms: string[];
  phase: Phase;
  description: string;
  entry: Filter;
  stay: Filter | null;
  /** ISO 8601 durations. */
  expectedDuration: string | null;
  acceptWithin: string | null;
  goals: Goal[];
  ownerMemberId: string | null;
  ownerTeamId: string | null;
}

/** The parts of stages that decide where customers are, as comparable text; the other fields are informational. */
export const serializeRules = (stages: readonly StageDraft[]) =>
  JSON.stringify(stages.map(({ key, entry, stay }) => [key, sortKeys(entry), sortKeys(stay)]));

/** Sorts the keys of all objects: jsonb stores them in its own order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}

export const toOwner = ({
  ownerMemberId,
  ownerTeamId,
}: Pick<StageDraft, 'ownerMemberId' | 'ownerTeamId'>) => ({
  memberId: ownerMemberId,
  teamId: ownerTeamId,
});
