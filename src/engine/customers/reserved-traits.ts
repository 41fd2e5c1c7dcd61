import type { Consent } from './consents.ts';

/** Tags are traits with reserved names, so that history, merges and late events work as for any trait. Decision 0009. */
const tag = 'tag:';

/** A trait of `identify` with such a name is a consent, which is stored separately. Decision 0049. */
export const consentPrefix = 'consent:';

export const tagTrait = (name: string) => `${tag}${name}`;

export const isReserved = (name: string) => name.startsWith(tag) || isConsent(name);
export const isConsent = (name: string) => name.startsWith(consentPrefix);

/** The tags of a customer, sorted by name. */
export const tagsOf = (traits: unknown): string[] =>
  entriesOf(traits)
    .filter(([name, value]) => name.startsWith(tag) && value === true)
    .map(([name]) => name.slice(tag.length))
    .toSorted();

/** The traits of a customer without its tags. */
export const plainTraits = (traits: unknown): Record<string, unknown> =>
  Object.fromEntries(entriesOf(traits).filter(([name]) => !isReserved(name)));

/** Separates the consents in the traits of a tracking call from its other traits. */
export function separateConsents(traits: Record<string, unknown>): {
  traits: Record<string, unknown>;
  consents: Consent[];
} {
  const entries = Object.entries(traits);
  return {
    traits: Object.fromEntries(entries.filter(([name]) => !isConsent(name))),
    consents: entries.filter(([name]) => isConsent(name)).map(toConsent),
  };
}

const toConsent = ([name, value]: [string, unknown]): Consent => ({
  purpose: name.slice(consentPrefix.length),
  channel: null,
  state: value === true ? 'GRANTED' : value === false ? 'DENIED' : 'UNKNOWN',
  source: 'identify',
});

const entriesOf = (traits: unknown): Array<[string, unknown]> => Object.entries(traits ?? {});
