import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy in front of a server or its database, with which a test simulates network failures. */
export interface TcpProxy {
  port: number;
  /** Closes every connection; new ones are accepted. */
  cut(): void;
  /** Closes the next connection after exactly so many bytes of the target; later ones are not closed. */
  cutNextAfter(bytes: number): void;
  /** Closes every connection and accepts none. */
  refuse(): Promise<void>;
  /** Keeps and accepts connections, but forwards nothing. */
  freeze(): void;
  /** Ends the simulated failure. */
  heal(): Promise<void>;
  /** The bytes that the target has sent over all connections. */
  received(): number;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  let received = 0;
  let maxBytes = Number.POSITIVE_INFINITY;
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    join(near, far);
    join(far, near, {
      maxBytes,
      onBytes(count) {
        received += count;
      },
    });
    maxBytes = Number.POSITIVE_INFINITY;
    near.once('close', () => pairs.delete(pair));
    if (frozen) for (const socket of pair) socket.pause();
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return {
    port,
    cut,
    cutNextAfter(bytes) {
      maxBytes = bytes;
    },
    refuse,
    freeze() {
      frozen = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    async heal() {
      frozen = false;
      for (const socket of [...pairs].flat()) socket.resume();
      if (!server.listening) await listen(port);
    },
    received: () => received,
    close: refuse,
  };
}

/** A proxy in front of an HTTP server, with its own URL. */
export async function startHttpProxy(target: string): Promise<TcpProxy & { url: string }> {
  const { hostname, port } = new URL(target);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  return { ...proxy, url: `http://127.0.0.1:${proxy.port}` };
}

interface ByteLimit {
  /** The connection is closed after them. */
  maxBytes?: number;
  onBytes?: (count: number) => void;
}

/** Forwards data; the end of either side ends the other. */
function join(from: Socket, to: Socket, limit: ByteLimit = {}) {
  const { maxBytes = Number.POSITIVE_INFINITY, onBytes } = limit;
  let rest = maxBytes;
  from.on('data', (chunk) => {
    const part = chunk.subarray(0, rest);
    rest -= part.length;
    onBytes?.(part.length);
    to.write(part, () => rest === 0 && to.destroy());
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
