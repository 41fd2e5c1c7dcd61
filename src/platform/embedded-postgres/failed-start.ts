import type { ClusterLocation } from './cluster-location.ts';
import { DataFolderDamaged, EmbeddedPostgresUnavailable, PortTaken } from './errors.ts';

/** Failures caused by the machine, not by the files of the cluster. */
const resourceFailure =
  /No space left|Cannot allocate memory|shared memory|semaphore|Too many open/;
const severityPrefix = /^.*\b(PANIC|FATAL|error): +/;
const portTaken = /could not create any TCP\/IP sockets/;

/** Explains from its log why PostgreSQL ended while it started. */
export function explainFailedStart(
  log: string,
  { location, logFile }: { location: Pick<ClusterLocation, 'cluster'>; logFile: string },
) {
  const reason = `${findReason(log)}; see ${logFile}`;
  if (portTaken.test(log)) return new PortTaken(reason);
  if (resourceFailure.test(log)) return new EmbeddedPostgresUnavailable(reason);
  return new DataFolderDamaged(location.cluster, `cannot be opened by PostgreSQL (${reason})`);
}

/** Finds the log line of PostgreSQL or initdb with the reason. Skips lines about clients that connected too early. */
export function findReason(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.find(
    (line) => severityPrefix.test(line) && !/the database system is/.test(line),
  );
  // Errors before PostgreSQL has opened its log have no severity.
  const line = fatal ?? lines.find((text) => !/^\d{4}-/.test(text)) ?? lines.at(-1);
  return line?.replace(severityPrefix, '').replace(/^postgres: /, '') ?? 'the log is empty';
}
