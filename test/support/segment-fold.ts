import { type Known, knownOf, type Setting } from './condition-world.ts';
import { toText } from './random-times.ts';
import { criticalInstants, holds } from './reference-conditions.ts';
import type { ReferenceCall } from './reference-facts.ts';
import { createReference } from './reference-model.ts';

/** A row of the log that tells of a segment. */
export interface SegmentMove {
  /** Its number, in the order in which customers appeared. */
  customer: number;
  segment: string;
  kind: 'SEGMENT_ENTERED' | 'SEGMENT_LEFT';
  at: string;
  cause: string;
  /** The message id. */
  event: string | null;
  late: boolean;
}

interface Occasion extends Pick<SegmentMove, 'cause' | 'event' | 'late'> {
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
 * Who enters and leaves segments while a history arrives call by call: asked anew at every event and, in
 * between, at every instant at which anything could change by time, by what was known until then.
 */
export function createSegmentFold(setting: Setting) {
  const reference = createReference({ timeZone: setting.timeZone, currency: 'USD' });
  const moves: SegmentMove[] = [];
  const members = new Map<number, Map<string, string>>();
  /** Up to where each customer's time has passed. */
  const reached = new Map<number, number>();

  const latest = (known: Known) => Math.max(...known.events.map(({ at }) => at));
  const customers = () =>
    new Map(knownOf(reference, setting).map((known) => [known.customer, known]));

  function evaluate(known: Known, { at, ...occasion }: Occasion) {
    const { customer } = known;
    const own = members.get(customer) ?? new Map<string, string>();
    members.set(customer, own);
    reached.set(customer, at);
    for (const [segment, filter] of Object.entries(setting.segments)) {
      const isMember = holds(filter, known, at);
      if (isMember === own.has(segment)) continue;
      if (isMember) own.set(segment, toText(at));
      else own.delete(segment);
      const kind = isMember ? 'SEGMENT_ENTERED' : 'SEGMENT_LEFT';
      moves.push({ customer, segment, kind, at: toText(at), ...occasion });
    }
  }

  function passTime(known: Known, upTo: number) {
    const from = reached.get(known.customer) ?? Infinity;
    const critical = Object.values(setting.segments)
      .flatMap((filter) => criticalInstants(filter, known))
      .filter((at) => at > from && at <= upTo);
    for (const at of [...new Set(critical)].sort((a, b) => a - b)) {
      evaluate(known, { at, cause: 'TIME', event: null, late: false });
    }
  }

  /** Both as they were; the one that is left has all events, and the moves of its own. */
  function merge(before: Map<number, Known>, call: ReferenceCall, [change, next]: Change[]) {
    const [from, into] = (change?.merged ?? []).map((number) => before.get(number));
    if (!from || !into || !change?.at) throw new Error('A customer was merged that is not there');
    const at = Date.parse(change.at);
    for (const one of [from, into]) passTime(one, at);
    const moved = next?.kind === 'STAGE_CHANGED' && next.cause === 'MERGE' ? [next] : [];
    const merged: Known = {
      ...into,
      events: inArrivalOrder([...from.events, ...into.events]),
      moves: [...into.moves, ...moved.map(({ from = null, to = '' }) => ({ at, from, to }))],
    };
    before.delete(from.customer);
    members.delete(from.customer);
    before.set(into.customer, merged);
    const late = Date.parse(call.timestamp) < at;
    evaluate(merged, { at, cause: 'MERGE', event: call.messageId, late });
  }

  const arrived: ReferenceCall[] = [];
  const inArrivalOrder = (events: Known['events']) =>
    events.toSorted((a, b) => arrived.indexOf(a.call) - arrived.indexOf(b.call));

  function take(call: ReferenceCall) {
    const before = customers();
    const seen = reference.changes.length;
    reference.take(call);
    arrived.push(call);
    const changes: Change[] = reference.changes.slice(seen);
    for (const [index, { kind }] of changes.entries()) {
      if (kind === 'CUSTOMER_MERGED') merge(before, call, changes.slice(index));
    }
    const after = [...customers().values()].find(({ events }) =>
      events.some((happened) => happened.call === call),
    );
    if (!after) throw new Error('An event belongs to nobody');
    const until = before.get(after.customer);
    const at = Math.max(Date.parse(call.timestamp), until ? latest(until) : -Infinity);
    if (until) passTime(until, at);
    const late = Date.parse(call.timestamp) < at;
    evaluate(after, { at, cause: 'EVENT', event: call.messageId, late });
  }

  return {
    take,
    moves,
    /** Nothing happens any more, until then. */
    wait(until: Date) {
      for (const known of customers().values()) passTime(known, until.getTime());
    },
    /** Since when each customer is a member of what. */
    members: () =>
      [...members].flatMap(([customer, own]) =>
        [...own].map(([segment, since]) => ({ customer, segment, since })),
      ),
  };
}
