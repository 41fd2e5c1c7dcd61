import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError, type ListenAddress } from './listen-error.ts';

/** Listens, and returns the URL. @throws CannotListen */
export async function listenOn(server: Server, address: ListenAddress): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(explainListenError(error, address)),
    );
    server.listen(address.port, address.host, resolve);
  });
  return urlOf(address.host, server.address() as AddressInfo);
}

function urlOf(host: string, { port }: AddressInfo) {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
