import type { Socket } from 'node:net';

const maxSocketBytes = 256 * 1024;
const maxWriteBytes = 64 * 1024;
const defaultMaxStallMs = 22_000;
const sweepMs = 1_000;

/** How to pause and end a client. Default: on the TCP connection itself. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The client has accepted nothing for too long. */
  end(): void;
}

interface Backlog {
  bytes: number;
  /** Total bytes that the kernel has accepted. */
  accepted: number;
  acceptedAt: number;
  isPaused: boolean;
}

/**
 * Limits the bytes waiting to be sent. A socket with more than 256 KB is not read until it has drained; a socket whose
 * client accepts nothing for `maxStallMs` (default 22 s) is ended; if all sockets exceed `maxTotalBytes`, those with the largest backlog are
 * destroyed.
 * Decision 0018.
 */
export function createOutgoingBytes({
  maxTotalBytes,
  maxStallMs = defaultMaxStallMs,
}: {
  maxTotalBytes: number;
  maxStallMs?: number | undefined;
}) {
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

  function recordWrite(socket: Socket) {
    count(socket, backlogs.get(socket) ?? begin(socket));
    if (total > maxTotalBytes) destroyLargest();
  }

  function recount() {
    for (const [socket, backlog] of backlogs) {
      if (socket.writableLength === 0) forget(socket);
      else count(socket, backlog);
    }
  }

  /** Reduces the total to an eighth below the limit, so that the next bytes do not exceed it again. */
  function destroyLargest() {
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
    /** Starts counting the bytes that wait on this socket. */
    watch(socket: Socket) {
      const write = socket.write as (...args: unknown[]) => boolean;
      socket.write = (...args: unknown[]) => {
        const isBelowHighWaterMark = write.apply(socket, args);
        if (socket.writableLength > 0 && !socket.destroyed) recordWrite(socket);
        return isBelowHighWaterMark;
      };
      socket.on('drain', () => forget(socket));
      socket.once('close', () => forget(socket));
    },
    /** Sets the way in which the protocol on the socket pauses and ends. */
    setFlow: (socket: Socket, flow: Flow) => void flows.set(socket, flow),
    /** How much may be written to one socket at a time, so that all of them together keep below the limit. */
    writeBytes() {
      if (total < maxTotalBytes / 4) return maxWriteBytes;
      return total < maxTotalBytes / 2 ? maxWriteBytes / 4 : maxWriteBytes / 16;
    },
    /** Of all sockets. */
    waitingBytes() {
      recount();
      return total;
    },
    stop: () => clearInterval(sweep),
  };
}

export type OutgoingBytes = ReturnType<typeof createOutgoingBytes>;

/**
 * The bytes that the kernel accepted. `bytesWritten` of a socket includes the queue of libuv, and `writableLength`
 * includes a partly accepted write in full.
 */
function acceptedBytes(socket: Socket): number {
  const { _handle: handle } = socket as {
    _handle?: { bytesWritten: number; writeQueueSize: number };
  };
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}
