import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Forwards connections to a server, and cuts one of them at an exact byte. */
export interface CuttingProxy {
  url: string;
  /** Cuts the next connection after so many bytes of the server; later ones are not cut. */
  cutNextAfter(bytes: number): void;
  /** The bytes that the server sent on the latest connection. */
  received(): number;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let limit = Number.POSITIVE_INFINITY;
  let latest = { bytes: 0 };

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const count = { bytes: 0, limit };
    limit = Number.POSITIVE_INFINITY;
    latest = count;
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => forward(chunk, near, count));
  });

  function forward(chunk: Buffer, near: Socket, count: { bytes: number; limit: number }) {
    const part = chunk.subarray(0, count.limit - count.bytes);
    count.bytes += part.length;
    near.write(part, () => count.bytes >= count.limit && near.destroy());
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutNextAfter(bytes) {
      limit = bytes;
    },
    received: () => latest.bytes,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
