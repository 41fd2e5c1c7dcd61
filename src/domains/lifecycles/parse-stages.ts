import { parseFilter } from '../../engine/conditions/parse-filter.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { parseGoals } from './goal.ts';
import type { StageDraft } from './stage-draft.ts';

/** A stage as received: its rules and goals have not been looked at. */
export interface StageRequest extends Omit<StageDraft, 'entry' | 'stay' | 'goals'> {
  entry: unknown;
  stay: unknown;
  goals: unknown;
}

const maxStages = 50;
const maxSynonyms = 20;
const keyPattern = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Checks the stages of a lifecycle as received, each by itself and against the others.
 *
 * @throws InvalidInput or InvalidFilter, naming the path to the first fault
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
        `${path}.${index}.key: ${key} is the key of \`${path}.${first}\` too.`,
      );
    }
  }
  return stages;
}

function parseStage(request: StageRequest, path: string): StageDraft {
  const { stay, synonyms } = request;
  if (synonyms.length > maxSynonyms) {
    throw new InvalidInput(`${path}.synonyms: at most ${maxSynonyms}.`);
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

/** In capitals, since keys mean the same in any case. @throws InvalidInput */
export function parseKey(text: string, path: string): string {
  const key = text.trim().toUpperCase();
  if (keyPattern.test(key)) return key;
  throw new InvalidInput(
    `${path}: a key begins with a letter and has up to 64 letters, digits and underscores.`,
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
  const prose = text.trim();
  if (prose.length <= 2_000 && isStorable(prose)) return prose;
  throw new InvalidInput(`${path}: must have at most 2,000 characters.`);
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
