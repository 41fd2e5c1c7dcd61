import type { LiveStream } from '../../src/entrypoints/server/live/live-stream.ts';
import { SocketOutlet } from '../../src/entrypoints/server/live/socket-outlet.ts';
import { SocketSubscription } from '../../src/entrypoints/server/live/socket-subscription.ts';
import { createLiveLog, openStream, settle } from './live-group.ts';
import { openWebSocketPair } from './web-socket-pair.ts';

/** The outlet of a real socket whose flushes the test runs, and a group to subscribe to. */
export async function openOutlet() {
  const pair = await openWebSocketPair();
  const queued: Array<{ flush(): void }> = [];
  const written: Array<bigint | undefined> = [];
  const outlet = new SocketOutlet(pair.socket, pair.connection, {
    writeBytes: () => 64 * 1024,
    flusher: { add: (socket) => void queued.push(socket) },
    onWritten: ({ position }) => void written.push(position),
  });
  const live = createLiveLog();
  const { group, state } = live.openGroup();
  return {
    ...pair,
    outlet,
    live,
    group,
    state,
    queued,
    /** The position of the oldest delivery of each write. */
    written,
    /** A subscription that the caller starts. */
    prepare(id: string, stream: Partial<LiveStream> = {}, of = group) {
      return { subscription: new SocketSubscription(outlet, id), ...openStream(of, stream) };
    },
    /** A subscription that has joined the group. */
    async subscribe(id: string, stream: Partial<LiveStream> = {}, of = group) {
      const prepared = this.prepare(id, stream, of);
      prepared.subscription.start(prepared.stream);
      await settle();
      return prepared;
    },
    /** Publishes, and waits until it is executed. */
    async publish(count: number) {
      await live.publish(count);
      await settle();
    },
    flush() {
      for (const socket of queued.splice(0)) socket.flush();
    },
  };
}

export type OpenOutlet = Awaited<ReturnType<typeof openOutlet>>;

/** A message with the payload as JSON. */
export const nextMessage = (id: string, payload: string) =>
  `{"id":"${id}","type":"next","payload":${payload}}`;

/** The message with the change at a position of the log. */
export const changeMessage = (id: string, position: number) =>
  nextMessage(id, `{"data":${position}}`);
