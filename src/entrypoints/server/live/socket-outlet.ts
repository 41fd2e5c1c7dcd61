import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Delivery } from './delivery.ts';
import type { Flusher } from './flusher.ts';
import { createFrameWriter, type Frame, framePrefix } from './frames.ts';
import type { Member } from './group-view.ts';

/** Writes the changes of one subscription to its client. */
export interface Outlet {
  write(deliveries: readonly Delivery[]): void;
  /** Writes what the member is delivered, until it is detached. */
  attach(join: (wake: () => void) => Member, onFailure: (error: Error) => void): Attached;
}

export interface Attached {
  member: Member;
  detach(): void;
}

/** The subscriptions of one WebSocket, whose frames are gathered. */
export interface SocketOutlet {
  /** For the operation with this id. */
  forOperation(id: string): Outlet;
}

interface Writing {
  prefix: Buffer;
  member: Member;
  onFailure(error: Error): void;
}

/** Bytes of one write; a client that does not read costs at most this much more. */
const maxWriteBytes = 64 * 1024;

/**
 * Gathers the frames of all subscriptions of a socket into one write. Nothing is written while the client has not
 * read what was written before: its subscriptions only keep their positions.
 */
export function createSocketOutlet(
  socket: WebSocket,
  connection: Socket,
  flusher: Flusher,
): SocketOutlet {
  const write = createFrameWriter(socket, connection);
  /** The subscriptions that may have something to write. */
  const ready = new Set<Writing>();
  let isQueued = false;
  let isDraining = false;

  function queue() {
    if (isQueued || isDraining) return;
    isQueued = true;
    flusher.add(flush);
  }

  function waitForDrain() {
    isDraining = true;
    connection.once('drain', () => {
      isDraining = false;
      if (ready.size > 0) queue();
    });
  }

  /** Takes what fits; a subscription that has no more is no longer ready. */
  function takeFrames(): Frame[] {
    const frames: Frame[] = [];
    let bytes = 0;
    for (const writing of ready) {
      while (bytes < maxWriteBytes) {
        const deliveries = takeFrom(writing, maxWriteBytes - bytes);
        if (deliveries.length === 0) {
          ready.delete(writing);
          break;
        }
        for (const delivery of deliveries) {
          bytes += delivery.payload.length;
          frames.push({ prefix: writing.prefix, delivery });
        }
      }
    }
    return frames;
  }

  function takeFrom({ member, onFailure }: Writing, maxBytes: number) {
    try {
      return member.take(maxBytes);
    } catch (error) {
      onFailure(error as Error);
      return [];
    }
  }

  function flush() {
    isQueued = false;
    // A key that was revoked has closed its sockets: nothing leaves after that.
    if (socket.readyState !== socket.OPEN) return;
    if (connection.writableNeedDrain) return waitForDrain();
    const frames = takeFrames();
    if (frames.length > 0) write(frames);
    if (connection.writableNeedDrain) waitForDrain();
    else if (ready.size > 0) queue();
  }

  return {
    forOperation: (id) => ({
      write(deliveries) {
        const prefix = framePrefix(id);
        if (socket.readyState === socket.OPEN && deliveries.length > 0)
          write(deliveries.map((delivery) => ({ prefix, delivery })));
      },
      attach(join, onFailure) {
        const wake = () => {
          ready.add(writing);
          queue();
        };
        const writing: Writing = { prefix: framePrefix(id), member: join(wake), onFailure };
        wake();
        return { member: writing.member, detach: () => ready.delete(writing) };
      },
    }),
  };
}
