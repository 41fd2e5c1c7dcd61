import { connect, UnusableDatabase } from './prepare-database.ts';

/** Connects once, so that the start fails with an explanation. @throws UnusableDatabase */
export async function requireReachable(url: string) {
  const client = await connect(url).catch((error) => {
    throw explainConnectFailure(url, error);
  });
  await client.end();
}

/** Explains a failure to connect to DATABASE_URL, without its password. */
export function explainConnectFailure(url: string, error: unknown): UnusableDatabase {
  const { hostname, port, pathname, username } = new URL(url);
  const target = `database "${pathname.slice(1)}" at ${hostname}:${port || 5432} as user "${username}"`;
  return new UnusableDatabase(
    `Cannot connect to ${target}: ${findCause(error)}. Start PostgreSQL there, or correct DATABASE_URL.`,
    { cause: error },
  );
}

/** The innermost message; a failure for several addresses of a host has a code and no message. */
function findCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return findCause(error.cause);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}
