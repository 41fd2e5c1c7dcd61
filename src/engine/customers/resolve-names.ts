import { pairKey } from './merge-customers.ts';
import { type Name, nameKey, type StatedAddress } from './names.ts';

/** A stored name, with the customer it was given to. */
export interface KnownName extends KnownCustomer {
  name: Name;
}

/** A stored customer and its survivor. */
export interface KnownCustomer {
  customerId: string;
  survivorId: string;
  /** Whether the survivor has a `user_id`. */
  survivorIsUser: boolean;
  /** The address that the survivor stated last. */
  statedAddress: StatedAddress | undefined;
}

export interface NameMerge {
  from: string;
  into: string;
}

/** The customer of one event, with the names and merges that follow from it. */
export interface Resolution {
  /** The customer the event is recorded for: the one that its strongest name was given to. */
  customerId: string;
  /** The customer whose facts it changes; differs from `customerId` after a merge. */
  survivorId: string;
  isNew: boolean;
  attached: Name[];
  /** A customer that is created with these names before it merges with one that exists. */
  created?: { id: string; names: Name[] };
  merges: NameMerge[];
}

interface EventNames {
  names: Name[];
  /** For edits: the id of the customer and, for a merge, of the one that is merged into it. */
  customerIds?: readonly string[];
  previousId: string | null;
  /** The record that a server reports with the event, if such a record belongs to one person. */
  record?: Name | undefined;
  /** The address that the event states, or removes. */
  statedAddress: StatedAddress | undefined;
}

interface Holder {
  survivorId: string;
  statedAddress: StatedAddress | undefined;
}

/**
 * The customer that a name leads to, of those that hold it in the order in which they got it. An address leads to the
 * first one that has not stated another address since; if all have, to the last one. Decision 0042.
 */
export const leadingHolder = <H extends Holder>(
  { kind, value }: Name,
  holders: readonly H[],
): H | undefined =>
  holders.find(
    ({ statedAddress }) => kind !== 'email' || !statedAddress || statedAddress.address === value,
  ) ?? holders.at(-1);

/**
 * Resolves the customer of each event, in order of arrival. All names in one event belong to one customer, so customers
 * with different names of one event merge; so do a visitor and a user for whom servers report the same order. Two
 * customers that both have a `user_id` are two people who share a device or an address: only `alias` and edits merge
 * them. The same applies to customers whose merge was undone (`separated`, by `pairKey`). An address may have several
 * holders, every other name has one. Edits refer to customers (`edited`) by ids.
 */
export function createNameResolver(
  known: KnownName[],
  separated: ReadonlySet<string>,
  newId: () => string,
  edited: readonly KnownCustomer[] = [],
) {
  /** The customers that got each name, by its key, in order. */
  const holders = new Map<string, string[]>();
  for (const { name, customerId } of known) addHolder(name, customerId);
  const customers = [...known, ...edited];
  const stated = new Map(customers.map((entry) => [entry.survivorId, entry.statedAddress]));
  let isTied = false;
  const survivorOf = new Map(customers.map((entry) => [entry.customerId, entry.survivorId]));
  const users = new Set(
    customers.flatMap((entry) => (entry.survivorIsUser ? [entry.survivorId] : [])),
  );
  for (const { survivorId } of customers) survivorOf.set(survivorId, survivorId);
  const separations = new Set(separated);

  const survivor = (customerId: string) => survivorOf.get(customerId) ?? customerId;
  const holdersOf = (name: Name) => holders.get(nameKey(name)) ?? [];
  const findCustomer = (name: Name) => {
    const found = holdersOf(name).map((customerId) => survivor(customerId));
    const candidates = found.map((id) => ({ survivorId: id, statedAddress: stated.get(id) }));
    return leadingHolder(name, candidates)?.survivorId;
  };
  const heldIn = (name: Name, survivorId: string) =>
    holdersOf(name).find((customerId) => survivor(customerId) === survivorId);

  function addHolder(name: Name, customerId: string) {
    const key = nameKey(name);
    const held = holders.get(key);
    if (held) held.push(customerId);
    else holders.set(key, [customerId]);
  }

  /** The later statement counts, as for every trait. Which of two at one instant arrived later, only the log knows. */
  function joinTold(from: string, into: string) {
    const [a, b] = [stated.get(from), stated.get(into)];
    if (a && b && a.at === b.at && a.address !== b.address) isTied = true;
    if (a && (!b || a.at > b.at)) stated.set(into, a);
  }

  function merge(from: string, into: string): NameMerge {
    for (const [customerId, current] of survivorOf) {
      if (current === from) survivorOf.set(customerId, into);
    }
    if (users.has(from)) users.add(into);
    joinTold(from, into);
    // A customer that was separated from one of them stays separated from both.
    for (const pair of separated.size > 0 ? [...separations] : []) {
      const [a = '', b = ''] = pair.split('/');
      if (a === from || b === from) separations.add(pairKey(a === from ? b : a, into));
    }
    return { from, into };
  }

  /** Prefers a customer with a user id, then the oldest one (ids grow with time). */
  function chooseSurvivor(found: string[], event: EventNames): string | undefined {
    const user = event.names.find(({ kind }) => kind === 'user_id');
    const userFound = user && findCustomer(user);
    if (userFound) return userFound;
    // A new user id cannot belong to a customer with another user id.
    const candidates = user ? found.filter((id) => !users.has(id)) : found;
    return candidates.find((id) => users.has(id)) ?? candidates.toSorted()[0];
  }

  function resolve(event: EventNames): Resolution {
    if (event.customerIds?.length) return resolveEdit(event, event.customerIds);
    if (event.previousId !== null) return resolveAlias(event, event.previousId);
    const named = namedIn(event);
    const reporter = reporterOf(event, chooseSurvivor(named, event));
    if (reporter && named.length === 0) return joinReporter(event, reporter);
    const found = reporter ? [...named, reporter] : named;
    const main = chooseSurvivor(found, event);
    const survivorId = main ?? newId();
    // One by one, because each merge may separate the survivor from the next candidate.
    const merges = found.flatMap((id) =>
      id !== survivorId && mayMerge(id, survivorId, event) ? [merge(id, survivorId)] : [],
    );
    return assignNames(event, survivorId, main === undefined, merges);
  }

  const namedIn = ({ names }: EventNames) => [
    ...new Set(names.flatMap((name) => findCustomer(name) ?? [])),
  ];

  /** The other customer for whom a server reported the same record, if one of the two is a user and one is not. */
  function reporterOf(event: EventNames, main: string | undefined): string | undefined {
    const reporter = event.record && findCustomer(event.record);
    if (!reporter || reporter === main || isUser(main ?? '', event) === users.has(reporter)) {
      return undefined;
    }
    return main && separations.has(pairKey(main, reporter)) ? undefined : reporter;
  }

  /** Merges the new customer of an event, which can be undone, instead of giving its names to the other one. */
  function joinReporter(event: EventNames, reporter: string): Resolution {
    const id = newId();
    survivorOf.set(id, id);
    const names = attach(event.names, id);
    const joined = isUser('', event) ? merge(reporter, id) : merge(id, reporter);
    return { ...assignNames(event, joined.into, false, [joined]), created: { id, names } };
  }

  const mayMerge = (from: string, into: string, event: EventNames) =>
    !(users.has(from) && isUser(into, event)) && !separations.has(pairKey(from, into));
  const isUser = (id: string, { names }: EventNames) =>
    users.has(id) || names.some(({ kind }) => kind === 'user_id');

  /** `alias` states that both names belong to one customer, even if both are users. */
  function resolveAlias(event: EventNames, previousId: string): Resolution {
    const asUser: Name = { kind: 'user_id', value: previousId };
    const asVisitor: Name = { kind: 'anonymous_id', value: previousId };
    const previous = findCustomer(asUser) ?? findCustomer(asVisitor);
    const found = namedIn(event);
    const current = chooseSurvivor(found, event);
    const survivorId = current ?? previous ?? newId();
    const merges = previous && previous !== survivorId ? [merge(previous, survivorId)] : [];
    const names = previous ? event.names : [...event.names, asVisitor];
    const isNew = current === undefined && previous === undefined;
    return assignNames({ ...event, names }, survivorId, isNew, merges);
  }

  /** An edit names its customers by their ids, so that an address which it states merges no customers. */
  function resolveEdit(event: EventNames, customerIds: readonly string[]): Resolution {
    const [survivorId = '', merged = survivorId] = customerIds.map(survivor);
    const merges = merged === survivorId ? [] : [merge(merged, survivorId)];
    return { ...assignNames(event, survivorId, false, merges), customerId: survivorId };
  }

  function assignNames(
    { names, record, statedAddress: latest }: EventNames,
    survivorId: string,
    isNew: boolean,
    merges: NameMerge[],
  ): Resolution {
    survivorOf.set(survivorId, survivorId);
    const attached = attach(names, survivorId);
    if (names.some(({ kind }) => kind === 'user_id')) users.add(survivorId);
    if (latest && latest.at >= (stated.get(survivorId)?.at ?? Number.NEGATIVE_INFINITY)) {
      stated.set(survivorId, latest);
    }
    const [customerId = survivorId] = names.flatMap((name) => heldIn(name, survivorId) ?? []);
    if (record && holdersOf(record).length === 0) addHolder(record, customerId);
    return { customerId, survivorId, isNew, attached, merges };
  }

  /** Gives the customer the names without a holder, and the addresses that it does not hold. Returns them. */
  function attach(names: readonly Name[], survivorId: string): Name[] {
    return names.filter((name) => {
      const isHeld =
        name.kind === 'email' ? heldIn(name, survivorId) !== undefined : holdersOf(name).length > 0;
      if (!isHeld) addHolder(name, survivorId);
      return !isHeld;
    });
  }

  /** Whether an event cannot be resolved before the events so far are stored: a merge left open which address counts. */
  return { resolve, isTied: () => isTied };
}
