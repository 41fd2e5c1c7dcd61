/**
 * Tags and consents are traits under names of their own, so that their history, merges and late tellings
 * are those of any trait.
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

/** The tags of a customer, in the order of their spelling. */
export const tagsOf = (traits: unknown): string[] =>
  traitsWithPrefix(traits, tag)
    .filter(({ value }) => value === true)
    .map(({ name }) => name);

/** What a customer agreed to or denied, in the order of the purposes. */
export const consentsOf = (traits: unknown): Consent[] =>
  traitsWithPrefix(traits, consent).flatMap(({ name, value }) =>
    typeof value === 'boolean' ? [{ purpose: name, granted: value }] : [],
  );

/** What is told of a customer, without its tags and consents. */
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
