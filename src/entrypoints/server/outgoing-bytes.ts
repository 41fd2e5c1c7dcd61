import type { Socket } from 'node:net';

const maxSocketBytes = 256 * 1024;
const maxStallMs = 30_000;
const sweepMs = 1_000;

/** How to slow a client down and how to end it; by default on the TCP connection itself. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The client has accepted nothing for 30 s. */
  end(): void;
}

interface Backlog {
  bytes: number;
  /** Bytes that the kernel had accepted when it last accepted any. */
  accepted: number;
  acceptedAt: number;
  isPaused: boolean;
}

/**
 * Bounds what waits to be sent, whatever wrote it. Over 256 KB for one socket the server reads nothing more
 * from it until it has drained; one that accepts nothing for 30 s is ended; over `maxTotalBytes` for all
 * sockets together those with the largest backlog are cut.
 */
export function createOutgoingBytes({ maxTotalBytes }: { maxTotalBytes: number }) {
  const backlogs = new Map<Socket, Backlog>();
  const flows = new WeakMap<Socket, Flow>();
  let total = 0;

  const flowOf = (socket: Socket): Flow =>
    flows.get(socket) ?? {
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.destroy(),
    };

  function forget(socket: Socket) {
    const backlog = backlogs.get(socket);
    if (!backlog) return;
    backlogs.delete(socket);
    total -= backlog.bytes;
    if (backlog.isPaused && !socket.destroyed) flowOf(socket).resume();
  }

  function begin(socket: Socket): Backlog {
    const accepted = acceptedBytes(socket);
    const backlog = { bytes: 0, accepted, acceptedAt: performance.now(), isPaused: false };
    backlogs.set(socket, backlog);
    return backlog;
  }

  function count(socket: Socket, backlog: Backlog) {
    const bytes = socket.writableLength;
    total += bytes - backlog.bytes;
    backlog.bytes = bytes;
    if (bytes > maxSocketBytes === backlog.isPaused) return;
    backlog.isPaused = !backlog.isPaused;
    if (backlog.isPaused) flowOf(socket).pause();
    else flowOf(socket).resume();
  }

  function written(socket: Socket) {
    count(socket, backlogs.get(socket) ?? begin(socket));
    if (total > maxTotalBytes) cutLargest();
  }

  function recount() {
    for (const [socket, backlog] of backlogs) {
      if (socket.writableLength === 0) forget(socket);
      else count(socket, backlog);
    }
  }

  /** Cuts to an eighth below the bound, so that the next bytes do not lead here again. */
  function cutLargest() {
    recount();
    if (total <= maxTotalBytes) return;
    const largestFirst = [...backlogs].sort(([, a], [, b]) => b.bytes - a.bytes);
    for (const [socket] of largestFirst) {
      if (total <= maxTotalBytes * 0.875) return;
      socket.destroy();
      forget(socket);
    }
  }

  function endStalled() {
    const now = performance.now();
    for (const [socket, backlog] of backlogs) {
      const accepted = acceptedBytes(socket);
      if (accepted !== backlog.accepted) Object.assign(backlog, { accepted, acceptedAt: now });
      else if (now - backlog.acceptedAt >= maxStallMs) flowOf(socket).end();
    }
  }

  const sweep = setInterval(() => {
    recount();
    endStalled();
  }, sweepMs).unref();

  return {
    /** From now on what waits on this socket counts. */
    watch(socket: Socket) {
      const write = socket.write as (...given: unknown[]) => boolean;
      socket.write = (...given: unknown[]) => {
        const hasRoom = write.apply(socket, given);
        if (socket.writableLength > 0 && !socket.destroyed) written(socket);
        return hasRoom;
      };
      socket.on('drain', () => forget(socket));
      socket.once('close', () => forget(socket));
    },
    /** The protocol on the socket has its own way to slow down and to end. */
    setFlow: (socket: Socket, flow: Flow) => void flows.set(socket, flow),
    stop: () => clearInterval(sweep),
  };
}

export type OutgoingBytes = ReturnType<typeof createOutgoingBytes>;

/**
 * The bytes that the kernel took. `bytesWritten` of a socket counts what is queued in libuv too, and
 * `writableLength` counts a write in full until all of it is gone.
 */
function acceptedBytes(socket: Socket): number {
  const { _handle: handle } = socket as {
    _handle?: { bytesWritten: number; writeQueueSize: number };
  };
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}
