import type { ExecutionResult } from 'graphql';
import { formatCursor, parseCursor } from '../../../engine/changes/cursor.ts';
import { cursorOf, type ResultReader } from './result-reader.ts';

/** Results that are kept for members that have not read them yet; twice as many at most. */
const maxKept = 128;
/** Results that a member takes at a time: it holds them for as long as its client does not read. */
const maxTaken = 64;
/** How often the position of a quiet group moves on. */
const examineMs = 15_000;

interface Kept {
  position: bigint;
  result: ExecutionResult;
}

/** A subscriber's place in its group. */
export interface Member {
  /**
   * The results after those read before; none when nothing arrived within `maxMs`, undefined at the end, and
   * `LAGS` when the group no longer keeps the next ones.
   */
  read(maxMs?: number): Promise<readonly ExecutionResult[] | undefined | 'LAGS'>;
  examined(): string;
  leave(): void;
}

/** Subscribers that are delivered the same: each change is read and executed once, and kept for all of them. */
export interface DeliveryGroup {
  /** Undefined where the group does not keep everything after the cursor. */
  join(cursor: string): Member | undefined;
}

/**
 * Creates a group that reads from this reader for as long as it has members. It reads on when a member has read all
 * that is kept: so in a burst it does not run ahead of all members, and only those slower than others lag.
 *
 * @param cursor the position that the reader has reached
 * @param onEnd called when the last member has left or the reader has ended
 */
export function createDeliveryGroup(
  reader: ResultReader,
  cursor: string,
  onEnd: () => void,
): DeliveryGroup {
  const { epoch, position: start } = parseCursor(cursor);
  const members = new Set<() => void>();
  let kept: Kept[] = [];
  /** Everything after this position is kept. */
  let floor = start;
  let examined = start;
  let failure: { error: unknown } | undefined;
  let isOver = false;
  let demand = Promise.withResolvers<void>();

  function end() {
    if (isOver) return;
    isOver = true;
    demand.resolve();
    reader.stop();
    onEnd();
  }

  function keep(results: readonly ExecutionResult[]) {
    for (const result of results) {
      const at = cursorOf(result);
      if (at !== undefined) kept.push({ position: parseCursor(at).position, result });
    }
    examined = kept.at(-1)?.position ?? examined;
    // Cut in large steps, not one by one.
    if (kept.length <= 2 * maxKept) return;
    floor = kept.at(-maxKept - 1)?.position ?? floor;
    kept = kept.slice(-maxKept);
  }

  async function run() {
    try {
      for (;;) {
        await demand.promise;
        const results = await reader.read(examineMs);
        if (!results || isOver) break;
        if (results.length > 0) {
          demand = Promise.withResolvers();
          keep(results);
        } else examined = parseCursor(reader.examined() ?? cursor).position;
        wakeMembers();
      }
    } catch (error) {
      failure = { error };
    }
    end();
    wakeMembers();
  }

  function wakeMembers() {
    for (const wake of members) wake();
  }

  /** Members are close to the end, so the search begins there. */
  function keptAfter(position: bigint): readonly Kept[] {
    let index = kept.length;
    while ((kept[index - 1]?.position ?? position) > position) index -= 1;
    return kept.slice(index);
  }

  function createMember(joinedAt: bigint): Member {
    let position = joinedAt;
    let hasLeft = false;
    let wake: () => void = () => undefined;
    const onWake = () => wake();
    members.add(onWake);

    const waitForWake = (maxMs: number) =>
      new Promise<void>((resolve) => {
        const timer = Number.isFinite(maxMs) ? setTimeout(resolve, maxMs) : undefined;
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });

    function readNow() {
      if (hasLeft) return undefined;
      if (position < floor) return 'LAGS';
      const next = keptAfter(position).slice(0, maxTaken);
      position = next.at(-1)?.position ?? position;
      if (next.length > 0) return next.map(({ result }) => result);
      if (failure) throw failure.error;
      return isOver ? undefined : [];
    }

    return {
      async read(maxMs = Infinity) {
        const deadline = performance.now() + maxMs;
        for (;;) {
          const results = readNow();
          const remaining = deadline - performance.now();
          if (!Array.isArray(results) || results.length > 0 || remaining <= 0) return results;
          demand.resolve();
          await waitForWake(remaining);
        }
      },
      examined() {
        if (position >= floor && keptAfter(position).length === 0 && examined > position) {
          position = examined;
        }
        return formatCursor({ epoch, position });
      },
      leave() {
        hasLeft = true;
        members.delete(onWake);
        wake();
        if (members.size === 0) end();
      },
    };
  }

  void run();
  return {
    join(at) {
      const joined = parseCursor(at);
      if (isOver || joined.epoch !== epoch || joined.position < floor) return undefined;
      return createMember(joined.position);
    },
  };
}
