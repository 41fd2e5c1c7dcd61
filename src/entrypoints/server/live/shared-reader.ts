import { setTimeout } from 'node:timers/promises';
import { createDeliveryGroup, type DeliveryGroup, type Member } from './delivery-group.ts';
import { type ResultReader, retryMs } from './result-reader.ts';

/** The groups of a server by key. */
export type DeliveryGroups = Map<string, DeliveryGroup>;

interface SharedReaderOptions {
  groups: DeliveryGroups;
  /** Subscriptions with the same key are delivered the same. */
  key: string;
  /** The subscription's own reader, which also reads what only this subscription is delivered: what it missed. */
  own: ResultReader;
  /** Opens an own reader after a cursor; undefined when the attempt must be repeated. */
  reopen(cursor: string): Promise<ResultReader | undefined>;
}

/**
 * Reads with an own reader until it has caught up, then as a member of the group with this key, which its own reader
 * founds if there is none. A member that lags behind what the group keeps reads from the log again.
 */
export function createSharedReader({
  groups,
  key,
  own,
  reopen,
}: SharedReaderOptions): ResultReader {
  let reader: ResultReader | undefined = own;
  let member: Member | undefined;
  /** Where a member lagged behind its group. */
  let lagsAt: string | undefined;
  let isStopped = false;
  /** A group that is ahead of the own reader cannot be joined: what it no longer keeps is read first. */
  let isBehindGroup = false;

  /** Joins the group, or founds it with the own reader, which has caught up. */
  function joinOrFound(current: ResultReader) {
    const cursor = current.examined();
    if (cursor === undefined) return;
    member = groups.get(key)?.join(cursor);
    if (member) current.stop();
    else if (groups.has(key)) {
      isBehindGroup = true;
      return;
    } else {
      const group = createDeliveryGroup(current, cursor, () => groups.delete(key));
      groups.set(key, group);
      member = group.join(cursor);
    }
    reader = undefined;
  }

  function leaveGroup(left: Member) {
    lagsAt = left.examined();
    member = undefined;
    left.leave();
  }

  async function resume(cursor: string, maxMs: number) {
    reader = await reopen(cursor);
    if (!reader) await setTimeout(Math.min(retryMs, maxMs));
    else lagsAt = undefined;
    if (isStopped) reader?.stop();
  }

  return {
    async read(maxMs = Infinity) {
      const deadline = performance.now() + maxMs;
      for (;;) {
        const remaining = Math.max(0, deadline - performance.now());
        if (member) {
          const results = await member.read(remaining);
          if (results !== 'LAGS') return results;
          leaveGroup(member);
        } else if (reader) {
          const current = reader;
          const results = await current.read(remaining, { untilCaughtUp: !isBehindGroup });
          isBehindGroup = false;
          if (!results || results.length > 0 || isStopped) return results;
          if (performance.now() >= deadline) return results;
          if (current.hasCaughtUp()) joinOrFound(current);
        } else if (lagsAt !== undefined && !isStopped) {
          await resume(lagsAt, remaining);
          if (performance.now() >= deadline) return [];
        } else return undefined;
      }
    },
    examined: () => lagsAt ?? member?.examined() ?? reader?.examined(),
    hasCaughtUp: () => member !== undefined || (reader?.hasCaughtUp() ?? false),
    stop() {
      isStopped = true;
      member?.leave();
      reader?.stop();
    },
  };
}
