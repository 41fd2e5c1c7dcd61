import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between a server and its database, with which a test simulates network failures. */
export interface TcpProxy {
  port: number;
  /** Closes every connection; new ones are accepted. */
  cut(): void;
  /** Closes every connection and accepts none. */
  refuse(): Promise<void>;
  /** Keeps and accepts connections, but forwards nothing. */
  freeze(): void;
  /** Ends the simulated failure. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    join(near, far);
    join(far, near);
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
    close: refuse,
  };
}

/** Forwards data; the end of either side ends the other. */
function join(from: Socket, to: Socket) {
  from.on('data', (chunk) => to.write(chunk));
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
