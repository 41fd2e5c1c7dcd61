/** The program of a server to compare with: `node baseline.ts stock|raw`. It publishes when its parent asks for it. */
import type { AddressInfo } from 'node:net';
import { baselineChange } from './baseline-message.ts';
import type { BaselineReport } from './baseline-server.ts';
import { keepPace, type Pace } from './pace.ts';
import { createRawServer } from './raw-server.ts';
import { createStockServer } from './stock-server.ts';

const { http, publish } = process.argv[2] === 'stock' ? createStockServer() : createRawServer();
let position = 0;

const report = (message: BaselineReport) => process.send?.(message);

process.on('message', async (pace: Pace) => {
  const published = await keepPace(pace, (_first, count) => {
    for (let index = 0; index < count; index += 1) publish(baselineChange(++position));
  });
  report({ published });
});
process.once('disconnect', () => process.exit());

http.listen(0, '127.0.0.1', () => report({ port: (http.address() as AddressInfo).port }));
