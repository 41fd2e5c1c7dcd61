/** Preloaded into a server under test: on SIGUSR2 it collects garbage and writes its memory usage to a file. */
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const path = process.env['OBSERVED_FILE'];

process.on('SIGUSR2', () => {
  if (!path) return;
  collectGarbage();
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources = Object.groupBy(process.getActiveResourcesInfo(), (name) => name);
  const count = (name: string) => resources[name]?.length ?? 0;
  const observed = {
    rss,
    heapBytes: heapUsed + external,
    timers: count('Timeout'),
    sockets: count('TCPSocketWrap'),
  };
  writeFileSync(`${path}.new`, JSON.stringify(observed));
  renameSync(`${path}.new`, path);
});
