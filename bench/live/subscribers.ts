import { setTimeout as elapsed } from 'node:timers/promises';
import { askGraphQL, type Connection } from '../support/connection.ts';
import { assertSameDeliveries } from './delivery-order.ts';
import { openingPace, type SocketLoad, startLoad } from './load.ts';
import { sendEvent } from './send-events.ts';
import { firstOrder, stageChanges } from './subscription.ts';
import { openWitness, type Witness } from './witness.ts';

/** Subscriptions of all stage changes of a workspace, each from the same cursor, and the official client. */
export interface Subscribers {
  load: SocketLoad;
  /** The number of frames that every one of them has. */
  frames: number;
  /** Waits until all of them have so many frames more. */
  waitForFrames(more: number, seconds?: number): Promise<void>;
  /** @throws unless each has received all changes exactly once, and the checked ones in the order of the witness */
  assertExact(): Promise<void>;
  end(): Promise<void>;
}

export interface SubscriberOptions {
  url: string;
  key: string;
  count: number;
  checkedShare?: number;
  resumes?: boolean;
}

export const endOfLog = async (connection: Connection): Promise<string> => {
  const query = '{ workspace { cursor } }';
  const { workspace } = await askGraphQL<{ workspace: { cursor: string } }>(connection, query);
  return workspace.cursor;
};

/** Opens subscriptions of the changes after now, and waits until each has received the first one. */
export async function openSubscribers(
  connection: Connection,
  { url, key, count, checkedShare = 100, resumes = false }: SubscriberOptions,
): Promise<Subscribers> {
  const variables = { after: await endOfLog(connection) };
  const query = stageChanges;
  const load = startLoad(count);
  const witness = openWitness({ url, key, query, variables });
  const subscribers = watch(load, witness);
  try {
    const all = Array.from({ length: count }, () => variables);
    const sharing = { checkedShare, resumes, ...openingPace };
    await load.open({ url, key, query, variables: all, ...sharing });
    await sendEvent(connection, firstOrder('first-of-all'));
    await subscribers.waitForFrames(1, 120);
    await load.takeFigures(1);
    return subscribers;
  } catch (error) {
    await subscribers.end();
    throw error;
  }
}

function watch(load: SocketLoad, witness: Witness): Subscribers {
  const subscribers: Subscribers = {
    load,
    frames: 0,
    async waitForFrames(more, seconds) {
      subscribers.frames += more;
      await load.waitUntil(
        ({ minHealthyFrames }) => minHealthyFrames >= subscribers.frames,
        seconds,
      );
    },
    async assertExact() {
      const { frames } = subscribers;
      await load.waitUntil(({ minFrames }) => minFrames >= frames, 180);
      for (let tries = 0; witness.order.frames < frames && tries < 100; tries += 1) {
        await elapsed(50);
      }
      const { maxFrames, failedFrames } = await load.status();
      if (failedFrames > 0) throw new Error(`${failedFrames} frames have errors`);
      if (maxFrames > frames) throw new Error(`${maxFrames} frames arrived instead of ${frames}`);
      assertSameDeliveries(witness.order, await load.takeOrders());
    },
    end: async () => void (await Promise.all([load.end(), witness.end()])),
  };
  return subscribers;
}
