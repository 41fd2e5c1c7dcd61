/** The program of a server to compare with: `node baseline.ts stock|raw`. It publishes when its parent asks for it. */
import type { AddressInfo } from 'node:net';
import { setTimeout as elapsed } from 'node:timers/promises';
import { baselineChange } from './baseline-message.ts';
import type { BaselineReport, Publication } from './baseline-server.ts';
import { keepPace } from './pace.ts';
import { createRawServer } from './raw-server.ts';
import { createStockServer } from './stock-server.ts';

const server = process.argv[2] === 'stock' ? createStockServer() : createRawServer();
const { http, publish } = server;
let position = 0;

const report = (message: BaselineReport) => process.send?.(message);

process.on('message', async ({ pace, subscribers }: Publication) => {
  while (server.subscribers() < subscribers) await elapsed(20);
  const published = await keepPace(pace, (_first, count) => {
    for (let index = 0; index < count; index += 1) publish(baselineChange(++position));
  });
  report({ published });
});
process.once('disconnect', () => process.exit());

http.listen(0, '127.0.0.1', () => report({ port: (http.address() as AddressInfo).port }));
