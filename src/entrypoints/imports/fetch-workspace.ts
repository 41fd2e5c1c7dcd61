import { z } from 'zod';
import { toImportError } from './import-error.ts';
import { ImportStopped } from './import-stopped.ts';
import { type PostOptions, postJson, type ServerAddress } from './post-json.ts';

const Settings = z.object({ timeZone: z.string(), currency: z.string().nullish() });
const QueryResult = z.object({ data: z.object({ workspace: Settings }) });

const body = JSON.stringify({ query: '{ workspace { timeZone currency } }' });

/** Fetches the time zone and currency of the workspace. */
export async function fetchWorkspace(server: ServerAddress, options: PostOptions) {
  const response = await postJson(server, { path: '/graphql', body }, options);
  const parsed = QueryResult.safeParse(response.body);
  if (parsed.success) {
    const { timeZone, currency } = parsed.data.data.workspace;
    return { timeZone, currency: currency ?? undefined };
  }
  if (response.status === 401 || response.status === 404) throw toImportError(server, response);
  throw new ImportStopped(
    "This key cannot read the workspace's time zone (it lacks the scope read). Pass --time-zone, such as Europe/Berlin.",
  );
}
