import { parseFilter } from '../../engine/conditions/parse-filter.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { parseGoals } from './definition/goal.ts';
import type { StageDraft } from './definition/stage-draft.ts';

/** A stage as received: its rules and goals are not parsed yet. */
export interface StageRequest extends Omit<StageDraft, 'entry' | 'stay' | 'goals'> {
  entry: unknown;
  stay: unknown;
  goals: unknown;
}

const maxStages = 50;
const maxSynonyms = 20;
const keyPattern = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Parses the stages of a lifecycle and checks that their keys are unique.
 *
 * @throws InvalidInput or InvalidFilter, naming the path to the first error
 */
export function parseStages(requests: readonly StageRequest[], path = 'stages'): StageDraft[] {
  if (requests.length === 0) throw new InvalidInput('A lifecycle needs at least one stage.');
  if (requests.length > maxStages) {
    throw new InvalidInput(`A lifecycle has at most ${maxStages} stages.`);
  }
  const stages = requests.map((request, index) => parseStage(request, `${path}.${index}`));
  for (const [index, { key }] of stages.entries()) {
    const first = stages.findIndex((stage) => stage.key === key);
    if (first < index) {
      throw new InvalidInput(
        `${path}.${index}.key: ${key} is already the key of \`${path}.${first}\`.`,
      );
    }
  }
  return stages;
}

function parseStage(request: StageRequest, path: string): StageDraft {
  const { stay, synonyms } = request;
  if (synonyms.length > maxSynonyms) {
    throw new InvalidInput(`${path}.synonyms: must have at most ${maxSynonyms} entries.`);
  }
  return {
    ...request,
    key: parseKey(request.key, `${path}.key`),
    name: parseLabel(request.name, `${path}.name`),
    description: parseDescription(request.description, `${path}.description`),
    synonyms: synonyms.map((word, index) => parseLabel(word, `${path}.synonyms.${index}`)),
    entry: parseFilter(request.entry, `${path}.entry`),
    stay: stay === null || stay === undefined ? null : parseFilter(stay, `${path}.stay`),
    goals: parseGoals(request.goals, `${path}.goals`),
  };
}

/** Returns the key in upper case, since keys are case-insensitive. @throws InvalidInput */
export function parseKey(text: string, path: string): string {
  const key = text.trim().toUpperCase();
  if (keyPattern.test(key)) return key;
  throw new InvalidInput(
    `${path}: a key must begin with a letter and have up to 64 letters, digits and underscores.`,
  );
}

/** @throws InvalidInput */
export function parseLabel(text: string, path: string): string {
  const label = text.trim();
  if (label.length >= 1 && label.length <= 100 && isStorable(label)) return label;
  throw new InvalidInput(`${path}: must have 1 to 100 characters.`);
}

/** @throws InvalidInput */
export function parseDescription(text: string, path: string): string {
  const description = text.trim();
  if (description.length <= 2_000 && isStorable(description)) return description;
  throw new InvalidInput(`${path}: must have at most 2,000 characters.`);
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
