import { z } from 'zod';
import { ImportStopped } from './import-stopped.ts';
import { type PostOptions, postJson, type Server } from './post-json.ts';
import { refuseStatus } from './refuse-status.ts';

const Settings = z.object({ timeZone: z.string(), currency: z.string().nullish() });
const QueryAnswer = z.object({ data: z.object({ workspace: Settings }) });

const body = JSON.stringify({ query: '{ workspace { timeZone currency } }' });

/** Asks the server in which time zone the workspace's days begin, and for its currency. */
export async function fetchWorkspace(server: Server, options: PostOptions) {
  const answer = await postJson(server, { path: '/graphql', body }, options);
  const parsed = QueryAnswer.safeParse(answer.body);
  if (parsed.success) {
    const { timeZone, currency } = parsed.data.data.workspace;
    return { timeZone, currency: currency ?? undefined };
  }
  if (answer.status === 401 || answer.status === 404) throw refuseStatus(server, answer);
  throw new ImportStopped(
    "The workspace's time zone cannot be read with this key (it lacks the scope read). Say it: --time-zone Europe/Berlin.",
  );
}
