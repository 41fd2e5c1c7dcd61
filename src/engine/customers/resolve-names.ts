import { pairKey } from './merge-customers.ts';
import { type Name, nameKey } from './names.ts';

/** Where a name leads: the customer it was given to, and the one that customer has become by merging. */
export interface KnownName {
  name: Name;
  customerId: string;
  survivorId: string;
  /** True when the survivor is known by a `user_id`. */
  survivorIsUser: boolean;
}

export interface NameMerge {
  from: string;
  into: string;
}

/** What one event teaches about who is who. */
export interface Resolution {
  /** The customer the event is recorded for: the one its strongest name was given to. */
  customerId: string;
  /** The customer whose facts it changes; another one than `customerId` after a merge. */
  survivorId: string;
  isNew: boolean;
  attached: Name[];
  merges: NameMerge[];
}

interface EventNames {
  names: Name[];
  previousId: string | null;
}

/**
 * Decides, event by event in order of arrival, which customer is meant. Names in one event mean one
 * customer, so customers met under different names merge. Two customers with a `user_id` each are two
 * people who share a device or an address, and never merge, unless `alias` says so; nor do two that
 * somebody has taken apart (`separated`, by `pairKey`).
 */
export function createNameResolver(
  known: KnownName[],
  separated: ReadonlySet<string>,
  newId: () => string,
) {
  const customerOf = new Map(known.map((entry) => [nameKey(entry.name), entry.customerId]));
  const survivorOf = new Map(known.map((entry) => [entry.customerId, entry.survivorId]));
  const users = new Set(known.flatMap((entry) => (entry.survivorIsUser ? [entry.survivorId] : [])));
  for (const { survivorId } of known) survivorOf.set(survivorId, survivorId);
  const apart = new Set(separated);

  const survivor = (customerId: string) => survivorOf.get(customerId) ?? customerId;
  const lookUp = (name: Name) => {
    const customerId = customerOf.get(nameKey(name));
    return customerId === undefined ? undefined : survivor(customerId);
  };

  function merge(from: string, into: string): NameMerge {
    for (const [customerId, current] of survivorOf) {
      if (current === from) survivorOf.set(customerId, into);
    }
    if (users.has(from)) users.add(into);
    // Whoever was taken apart from one of them is apart from both.
    for (const pair of separated.size > 0 ? [...apart] : []) {
      const [a = '', b = ''] = pair.split('/');
      if (a === from || b === from) apart.add(pairKey(a === from ? b : a, into));
    }
    return { from, into };
  }

  /** The one that stays: the user among them, else the one met first (ids grow with time). */
  function chooseSurvivor(found: string[], naming: EventNames): string | undefined {
    const user = naming.names.find(({ kind }) => kind === 'user_id');
    const userFound = user && lookUp(user);
    if (userFound) return userFound;
    // A user id that is new cannot mean somebody who is another user already.
    const candidates = user ? found.filter((id) => !users.has(id)) : found;
    return candidates.find((id) => users.has(id)) ?? candidates.toSorted()[0];
  }

  function resolve(naming: EventNames): Resolution {
    if (naming.previousId !== null) return resolveAlias(naming, naming.previousId);
    const found = [...new Set(naming.names.flatMap((name) => lookUp(name) ?? []))];
    const main = chooseSurvivor(found, naming);
    const survivorId = main ?? newId();
    // One by one: each merge may bring somebody whom the next one was taken apart from.
    const merges = found.flatMap((id) =>
      id !== survivorId && mayMerge(id, survivorId, naming) ? [merge(id, survivorId)] : [],
    );
    return assignNames(naming, survivorId, main === undefined, merges);
  }

  const mayMerge = (from: string, into: string, naming: EventNames) =>
    !(users.has(from) && isUser(into, naming)) && !apart.has(pairKey(from, into));
  const isUser = (id: string, { names }: EventNames) =>
    users.has(id) || names.some(({ kind }) => kind === 'user_id');

  /** `alias` is somebody's word that both names mean one customer, users or not. */
  function resolveAlias(naming: EventNames, previousId: string): Resolution {
    const asUser: Name = { kind: 'user_id', value: previousId };
    const asVisitor: Name = { kind: 'anonymous_id', value: previousId };
    const previous = lookUp(asUser) ?? lookUp(asVisitor);
    const found = [...new Set(naming.names.flatMap((name) => lookUp(name) ?? []))];
    const current = chooseSurvivor(found, naming);
    const survivorId = current ?? previous ?? newId();
    const merges = previous && previous !== survivorId ? [merge(previous, survivorId)] : [];
    const names = previous ? naming.names : [...naming.names, asVisitor];
    const isNew = current === undefined && previous === undefined;
    return assignNames({ ...naming, names }, survivorId, isNew, merges);
  }

  function assignNames(
    { names }: EventNames,
    survivorId: string,
    isNew: boolean,
    merges: NameMerge[],
  ): Resolution {
    survivorOf.set(survivorId, survivorId);
    const attached = names.filter((name) => !customerOf.has(nameKey(name)));
    for (const name of attached) customerOf.set(nameKey(name), survivorId);
    if (names.some(({ kind }) => kind === 'user_id')) users.add(survivorId);
    const [customerId = survivorId] = names.flatMap((name) => {
      const given = customerOf.get(nameKey(name));
      return given !== undefined && survivor(given) === survivorId ? [given] : [];
    });
    return { customerId, survivorId, isNew, attached, merges };
  }

  return { resolve };
}
