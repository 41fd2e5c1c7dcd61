import { connect, UnusableDatabase } from './prepare-database.ts';

/** Connects once, to say at the start what is wrong. @throws UnusableDatabase */
export async function requireReachable(url: string) {
  const client = await connect(url).catch((error) => {
    throw explainConnectFailure(url, error);
  });
  await client.end();
}

/** The refusal for a DATABASE_URL that does not open, without its password. */
export function explainConnectFailure(url: string, error: unknown): UnusableDatabase {
  const { hostname, port, pathname, username } = new URL(url);
  const place = `database "${pathname.slice(1)}" at ${hostname}:${port || 5432} as user "${username}"`;
  const advice = 'Start PostgreSQL there, or correct DATABASE_URL';
  return new UnusableDatabase(`Cannot open the ${place}: ${findCause(error)}. ${advice}.`, {
    cause: error,
  });
}

/** The innermost reason; a failure for several addresses of a host has a code and no message. */
function findCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return findCause(error.cause);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}
