/**
 * Tags and consents are traits with reserved names, so that history, merges and late events work as for any trait.
 * Decision 0009.
 */
const tag = 'tag:';
const consent = 'consent:';

export const tagTrait = (name: string) => `${tag}${name}`;
export const consentTrait = (purpose: string) => `${consent}${purpose}`;

export interface Consent {
  purpose: string;
  granted: boolean;
}

/** The tags of a customer, sorted by name. */
export const tagsOf = (traits: unknown): string[] =>
  traitsWithPrefix(traits, tag)
    .filter(({ value }) => value === true)
    .map(({ name }) => name);

/** The consents of a customer, granted and denied, sorted by purpose. */
export const consentsOf = (traits: unknown): Consent[] =>
  traitsWithPrefix(traits, consent).flatMap(({ name, value }) =>
    typeof value === 'boolean' ? [{ purpose: name, granted: value }] : [],
  );

/** The traits of a customer without its tags and consents. */
export const plainTraits = (traits: unknown): Record<string, unknown> =>
  Object.fromEntries(
    entriesOf(traits).filter(([name]) => !name.startsWith(tag) && !name.startsWith(consent)),
  );

const entriesOf = (traits: unknown): Array<[string, unknown]> => Object.entries(traits ?? {});

const traitsWithPrefix = (traits: unknown, prefix: string) =>
  entriesOf(traits)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => ({ name: name.slice(prefix.length), value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
