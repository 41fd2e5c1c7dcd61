import type { Transaction, Tx } from '../../platform/database.ts';
import { type Sql, sql, unnestRows } from '../../platform/sql.ts';
import { familyOf } from './family.ts';

export const consentStates = ['GRANTED', 'DENIED', 'UNKNOWN'] as const;
export type ConsentState = (typeof consentStates)[number];

/** What a customer decided about the use of its data for one purpose. Decision 0049. */
export interface Consent {
  purpose: string;
  /** Null for a decision about all channels. */
  channel: string | null;
  /** `UNKNOWN` takes earlier decisions back. */
  state: ConsentState;
  /** Where the customer decided, in the words of the caller. */
  source: string;
}

/** A decision with the event that recorded it. */
export interface ConsentDecision extends Consent {
  eventId: string;
  /** The customer it was recorded for. */
  customerId: string;
  at: Date;
  arrival: string;
}

export function insertConsents(db: Transaction, decisions: readonly ConsentDecision[]): void {
  if (decisions.length === 0) return;
  db.send(sql`
    insert into consent
      (workspace_id, event_id, purpose, channel, customer_id, state, at, arrival, source)
    select ${db.workspaceId}, * from ${unnestRows('decision', decisions, {
      event_id: ['uuid', ({ eventId }) => eventId],
      purpose: ['text', ({ purpose }) => purpose],
      channel: ['text', ({ channel }) => channel],
      customer_id: ['uuid', ({ customerId }) => customerId],
      state: ['text', ({ state }) => state],
      at: ['timestamptz', ({ at }) => at],
      arrival: ['bigint', ({ arrival }) => arrival],
      source: ['text', ({ source }) => source],
    })}`);
}

/** The order of decisions `r`: the first one counts. */
export const latestDecision = sql`r.at desc, r.arrival desc`;

/** The decisions `r` that apply to a purpose and channel: a decision about all channels applies to each. */
export const decisionsAbout = (
  { purpose, channel }: { purpose: string; channel?: string | undefined },
  workspaceId: string,
): Sql => sql`
  r.workspace_id = ${workspaceId}::uuid and r.purpose = ${purpose}::text
  and (r.channel is null ${channel === undefined ? sql`` : sql`or r.channel = ${channel}::text`})`;

/** The decisions of a customer, latest first. */
export interface OwnedDecision extends ConsentDecision {
  ownerId: string;
}

/** Loads the decisions of customers and of those merged into them, the latest of each purpose and channel. */
export const latestConsents = (
  tx: Tx,
  workspaceId: string,
  owners: readonly string[],
): Promise<OwnedDecision[]> =>
  tx.$queryRaw<OwnedDecision[]>`
    select distinct on (owner.id, r.purpose, r.channel) owner.id as "ownerId", r.purpose, r.channel, r.state,
      r.source, r.event_id as "eventId", r.customer_id as "customerId", r.at, r.arrival::text as arrival
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral ${familyOf(workspaceId, sql`owner.id`)} as member
    join consent r on r.workspace_id = ${workspaceId}::uuid and r.customer_id = member.id
    order by owner.id, r.purpose, r.channel nulls first, ${latestDecision}`;

const isLater = (a: ConsentDecision, b: ConsentDecision) =>
  a.at.getTime() === b.at.getTime() ? BigInt(a.arrival) > BigInt(b.arrival) : a.at > b.at;

/** The decisions in force, of the latest ones about each purpose and channel: a later one about all channels replaces others. */
export function decisionsInForce<D extends ConsentDecision>(latest: readonly D[]): D[] {
  const general = new Map(
    latest.flatMap((one) => (one.channel === null ? [[one.purpose, one] as const] : [])),
  );
  return latest.filter((one) => {
    const about = general.get(one.purpose);
    const isReplaced = about !== undefined && about !== one && isLater(about, one);
    return one.state !== 'UNKNOWN' && !isReplaced;
  });
}
