import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError, type ListenAddress } from './listen-error.ts';

/**
 * Connections that wait to be accepted, of which the system may allow fewer: after a restart all clients connect at once,
 * and one that finds no place tries again only after seconds.
 */
const backlog = 16_384;

/** Listens, and returns the URL. @throws CannotListen */
export async function listenOn(server: Server, address: ListenAddress): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(explainListenError(error, address)),
    );
    const { host, port } = address;
    server.listen({ host, port, backlog }, resolve);
  });
  return urlOf(address.host, server.address() as AddressInfo);
}

function urlOf(host: string, { port }: AddressInfo) {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
