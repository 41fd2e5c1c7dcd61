import type { Filter } from '../../engine/conditions/filter.ts';
import type { Goal } from './goal.ts';
import type { Phase } from './phases.ts';

/** A stage as somebody defines it: what a lifecycle is made of, and what a build has in hand. */
export interface StageDraft {
  /** In capitals, unique in its lifecycle. */
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

/** What decides where customers are; the rest of a stage is for people to read. */
export const serializeRules = (stages: readonly StageDraft[]) =>
  JSON.stringify(stages.map(({ key, entry, stay }) => [key, sortKeys(entry), sortKeys(stay)]));

/** With the keys of objects in one order: the database keeps them in an order of its own. */
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
