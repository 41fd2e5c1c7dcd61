import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../platform/database.ts';
import { findCustomers, findNames } from '../customers/find-names.ts';
import { findSeparated } from '../customers/merge-customers.ts';
import { type Name, nameKey, parseAddress, type StatedAddress } from '../customers/names.ts';
import {
  createNameResolver,
  type KnownCustomer,
  type KnownName,
  type Resolution,
} from '../customers/resolve-names.ts';
import { requireRecordKind } from '../records/record-kinds.ts';
import { isKeyed } from '../records/reports.ts';
import type { Event } from './event.ts';

/** An event with its resolved customer. */
export interface ResolvedEvent {
  event: Event;
  resolution: Resolution;
}

/**
 * Resolves the customers of events, in order of arrival, from the stored names: of all events, or of the first ones up
 * to a merge that has to be stored before the others can be resolved.
 */
export async function resolveEvents(db: Transaction, events: Event[]): Promise<ResolvedEvent[]> {
  if (events.length === 0) return [];
  const known = {
    names: await findNames(db, uniqueNames(events)),
    edited: await findCustomers(db, [...new Set(events.flatMap(({ customerIds }) => customerIds))]),
  };
  const resolved = resolveWith(known, new Set(), events);
  if (resolved.every(({ resolution }) => resolution.merges.length === 0)) return resolved;
  // Merges are rare, and only they need the separated pairs.
  const customers = [...known.names, ...known.edited];
  const survivors = [...new Set(customers.map(({ survivorId }) => survivorId))];
  const separated = await findSeparated(db, survivors);
  return separated.size === 0 ? resolved : resolveWith(known, separated, events);
}

interface Known {
  names: KnownName[];
  edited: KnownCustomer[];
}

function resolveWith(known: Known, separated: ReadonlySet<string>, events: Event[]) {
  const resolver = createNameResolver(known.names, separated, uuidv7, known.edited);
  const resolved: ResolvedEvent[] = [];
  for (const event of events) {
    if (resolver.isTied()) break;
    const resolution = resolver.resolve({
      ...event,
      record: evidenceIn(event),
      statedAddress: statedAddress(event),
    });
    resolved.push({ event, resolution });
  }
  return resolved;
}

function statedAddress({ traits, occurredAt }: Event): StatedAddress | undefined {
  if (!traits || !Object.hasOwn(traits, 'email')) return undefined;
  return { address: parseAddress(traits['email']), at: occurredAt.getTime() };
}

/** The record, if the customers for whom servers report it are one person. */
function evidenceIn({ record, trust }: Event): Name | undefined {
  if (trust !== 'SERVER' || !isKeyed(record)) return undefined;
  const { kind, key } = record;
  return requireRecordKind(kind).identifiesCustomer && { kind: `record:${kind}`, value: key };
}

function uniqueNames(events: Event[]): Name[] {
  const names = new Map<string, Name>();
  const add = (name: Name) => names.set(nameKey(name), name);
  for (const event of events) {
    const { names: own, previousId } = event;
    own.forEach(add);
    const record = evidenceIn(event);
    if (record) add(record);
    if (previousId === null) continue;
    add({ kind: 'user_id', value: previousId });
    add({ kind: 'anonymous_id', value: previousId });
  }
  return [...names.values()];
}

/** Splits events before each merge into runs, because a merge requires that earlier events are stored. */
export function runsBetweenMerges(resolved: ResolvedEvent[]): ResolvedEvent[][] {
  const runs: ResolvedEvent[][] = [];
  for (const item of resolved) {
    const current = runs.at(-1);
    if (!current || item.resolution.merges.length > 0) runs.push([item]);
    else current.push(item);
  }
  return runs;
}
