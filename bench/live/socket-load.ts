/** The program of a process that holds the sockets of a load. It is controlled by messages of its parent. */
import { createFleet } from './socket-fleet.ts';
import type { FleetRequest, FleetResponse } from './socket-load-process.ts';

const fleet = createFleet();

const respond = (response: FleetResponse) => process.send?.(response);

async function handle({ id, command, argument }: FleetRequest) {
  const run = fleet[command] as (argument: unknown) => Promise<unknown>;
  try {
    respond({ id, result: await run(argument) });
  } catch (error) {
    respond({ id, failure: String(error) });
  }
}

process.on('message', (request: FleetRequest) => void handle(request));
process.once('disconnect', () => process.exit());
