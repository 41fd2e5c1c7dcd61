import {
  type ReferenceCustomer,
  referenceCustomersOf,
  type ScenarioSettings,
} from './condition-workspace.ts';
import { toText } from './random-times.ts';
import { criticalInstants, matchesFilter } from './reference-conditions.ts';
import type { ReferenceCall } from './reference-facts.ts';
import { createReference } from './reference-model.ts';

/** An entry or exit in the change log. */
export interface SegmentChange {
  /** The number of the customer, in order of creation. */
  customer: number;
  segment: string;
  kind: 'SEGMENT_ENTERED' | 'SEGMENT_LEFT';
  at: string;
  cause: string;
  /** The message id. */
  event: string | null;
  late: boolean;
}

interface EvaluationCause extends Pick<SegmentChange, 'cause' | 'event' | 'late'> {
  at: number;
}

interface Change {
  kind?: string;
  customer?: number;
  at?: string;
  merged?: [from: number, into: number];
  cause?: string;
  from?: string | null;
  to?: string;
}

/**
 * Computes entries and exits of segments while calls arrive one by one: evaluates at every event and, between events, at
 * every instant at which an answer could change by time, with what was known until then.
 */
export function createSegmentReference(setting: ScenarioSettings) {
  const reference = createReference({ timeZone: setting.timeZone, currency: 'USD' });
  const moves: SegmentChange[] = [];
  const members = new Map<number, Map<string, string>>();
  /** The instant up to which each customer was evaluated. */
  const reached = new Map<number, number>();

  const latest = (known: ReferenceCustomer) => Math.max(...known.events.map(({ at }) => at));
  const customers = () =>
    new Map(referenceCustomersOf(reference, setting).map((known) => [known.customer, known]));

  function evaluate(known: ReferenceCustomer, { at, ...cause }: EvaluationCause) {
    const { customer } = known;
    const memberships = members.get(customer) ?? new Map<string, string>();
    members.set(customer, memberships);
    reached.set(customer, at);
    for (const [segment, filter] of Object.entries(setting.segments)) {
      const isMember = matchesFilter(filter, known, at);
      if (isMember === memberships.has(segment)) continue;
      if (isMember) memberships.set(segment, toText(at));
      else memberships.delete(segment);
      const kind = isMember ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT';
      moves.push({ customer, segment, kind, at: toText(at), ...cause });
    }
  }

  function advanceTo(known: ReferenceCustomer, upTo: number) {
    const from = reached.get(known.customer) ?? Infinity;
    const critical = Object.values(setting.segments)
      .flatMap((filter) => criticalInstants(filter, known))
      .filter((at) => at > from && at <= upTo);
    for (const at of [...new Set(critical)].sort((a, b) => a - b)) {
      evaluate(known, { at, cause: 'TIME', event: null, late: false });
    }
  }

  /** Both in their previous state; the survivor gets all events and keeps its own moves. */
  function merge(
    before: Map<number, ReferenceCustomer>,
    call: ReferenceCall,
    [change, next]: Change[],
  ) {
    const [from, into] = (change?.merged ?? []).map((number) => before.get(number));
    if (!from || !into || !change?.at) throw new Error('The merged customer does not exist');
    const at = Date.parse(change.at);
    const position = reference.changes.indexOf(change);
    for (const one of [from, into]) advanceTo(one, at);
    const moved = next?.kind === 'STAGE_CHANGED' && next.cause === 'MERGE' ? [next] : [];
    const merged: ReferenceCustomer = {
      ...into,
      events: inArrivalOrder([...from.events, ...into.events]),
      moves: [
        ...into.moves,
        ...moved.map(({ from = null, to = '' }) => ({ at, position, from, to })),
      ],
      mergedMoves: [
        ...into.mergedMoves,
        ...from.mergedMoves,
        [...from.moves, { at, position, from: from.moves.at(-1)?.to ?? null, to: null }],
      ],
    };
    before.delete(from.customer);
    members.delete(from.customer);
    before.set(into.customer, merged);
    const late = Date.parse(call.timestamp) < at;
    evaluate(merged, { at, cause: 'MERGE', event: call.messageId, late });
  }

  const arrived: ReferenceCall[] = [];
  const inArrivalOrder = (events: ReferenceCustomer['events']) =>
    events.toSorted((a, b) => arrived.indexOf(a.call) - arrived.indexOf(b.call));

  function receive(call: ReferenceCall) {
    const before = customers();
    const seen = reference.changes.length;
    reference.receive(call);
    arrived.push(call);
    const changes: Change[] = reference.changes.slice(seen);
    for (const [index, { kind }] of changes.entries()) {
      if (kind === 'CUSTOMER_MERGED') merge(before, call, changes.slice(index));
    }
    const after = [...customers().values()].find(({ events }) =>
      events.some((event) => event.call === call),
    );
    if (!after) throw new Error('The event belongs to no customer');
    const until = before.get(after.customer);
    const at = Math.max(Date.parse(call.timestamp), until ? latest(until) : -Infinity);
    if (until) advanceTo(until, at);
    const late = Date.parse(call.timestamp) < at;
    evaluate(after, { at, cause: 'EVENT', event: call.messageId, late });
  }

  return {
    receive,
    moves,
    /** Evaluates the passage of time until then. */
    advanceAllTo(until: Date) {
      for (const known of customers().values()) advanceTo(known, until.getTime());
    },
    /** The memberships with the time of entry. */
    members: () =>
      [...members].flatMap(([customer, memberships]) =>
        [...memberships].map(([segment, since]) => ({ customer, segment, since })),
      ),
  };
}
