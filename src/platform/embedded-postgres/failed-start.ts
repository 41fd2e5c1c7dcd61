import { DataFolderDamaged, EmbeddedPostgresUnavailable, PortTaken } from './errors.ts';
import type { Place } from './place.ts';

/** Reasons that lie in the machine, not in the files of the cluster. */
const ofTheMachine = /No space left|Cannot allocate memory|shared memory|semaphore|Too many open/;
const serious = /^.*\b(PANIC|FATAL|error): +/;
const portTaken = /could not create any TCP\/IP sockets/;

/** The refusal for a PostgreSQL that ended while starting, from what it wrote into its log meanwhile. */
export function explainFailedStart(
  log: string,
  { place, logFile }: { place: Pick<Place, 'cluster'>; logFile: string },
) {
  const reason = `${findReason(log)}; see ${logFile}`;
  if (portTaken.test(log)) return new PortTaken(reason);
  if (ofTheMachine.test(log)) return new EmbeddedPostgresUnavailable(reason);
  return new DataFolderDamaged(place.cluster, `cannot be opened by PostgreSQL (${reason})`);
}

/** The line of PostgreSQL or initdb that says why. Those of clients that came too early do not. */
export function findReason(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.find((line) => serious.test(line) && !/the database system is/.test(line));
  // Without a level: errors before PostgreSQL has opened its log.
  const line = fatal ?? lines.find((text) => !/^\d{4}-/.test(text)) ?? lines.at(-1);
  return line?.replace(serious, '').replace(/^postgres: /, '') ?? 'it wrote nothing';
}
