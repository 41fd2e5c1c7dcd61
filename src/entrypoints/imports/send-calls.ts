import { z } from 'zod';
import { ImportStopped } from './import-stopped.ts';
import { type Answer, type PostOptions, postJson, type Server } from './post-json.ts';
import { refuseStatus } from './refuse-status.ts';

const Result = z.object({
  index: z.int().min(0),
  status: z.enum(['accepted', 'duplicate', 'refused']),
  code: z.string().nullish(),
  message: z.string().nullish(),
});
const BatchAnswer = z.object({ results: z.array(Result) });

/** What became of one call of the batch. */
export type CallResult = z.infer<typeof Result>;

/** Sends a batch of `count` calls and returns what became of each, in the order of the calls. */
export async function sendCalls(
  server: Server,
  { body, count }: { body: string; count: number },
  options: PostOptions,
): Promise<CallResult[]> {
  const answer = await postJson(server, { path: '/v1/batch', body }, options);
  return readAnswer(server, answer, count);
}

function readAnswer(server: Server, answer: Answer, count: number) {
  const parsed = BatchAnswer.safeParse(answer.body);
  // A 400 with results is a batch of which every call was refused; without, the request was wrong.
  if (![200, 207, 400].includes(answer.status) || (answer.status === 400 && !parsed.success)) {
    throw refuseStatus(server, answer);
  }
  const results: Array<CallResult | undefined> = new Array(count).fill(undefined);
  for (const result of parsed.data?.results ?? []) {
    if (result.index < count) results[result.index] = result;
  }
  return results.map((result) => result ?? incomplete(server));
}

// Counting an event as accepted that the server never spoke of would be a guess.
function incomplete({ url }: Server): never {
  throw new ImportStopped(
    `${url} did not answer for every event of a batch. Is it a Stageline server? Running the same command again is safe.`,
  );
}
