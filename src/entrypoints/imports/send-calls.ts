import { z } from 'zod';
import { toImportError } from './import-error.ts';
import { ImportStopped } from './import-stopped.ts';
import { type JsonResponse, type PostOptions, postJson, type ServerAddress } from './post-json.ts';

const Result = z.object({
  index: z.int().min(0),
  status: z.enum(['accepted', 'duplicate', 'refused']),
  code: z.string().nullish(),
  message: z.string().nullish(),
});
const BatchResponse = z.object({ results: z.array(Result) });

/** The result of one call of a batch. */
export type CallResult = z.infer<typeof Result>;

/** Sends a batch of `count` calls and returns their results in order. */
export async function sendCalls(
  server: ServerAddress,
  { body, count }: { body: string; count: number },
  options: PostOptions,
): Promise<CallResult[]> {
  const response = await postJson(server, { path: '/v1/batch', body }, options);
  return parseResponse(server, response, count);
}

function parseResponse(server: ServerAddress, response: JsonResponse, count: number) {
  const parsed = BatchResponse.safeParse(response.body);
  // A 400 with results means that every call was refused; without results, the request was invalid.
  if (![200, 207, 400].includes(response.status) || (response.status === 400 && !parsed.success)) {
    throw toImportError(server, response);
  }
  const results: Array<CallResult | undefined> = new Array(count).fill(undefined);
  for (const result of parsed.data?.results ?? []) {
    if (result.index < count) results[result.index] = result;
  }
  return results.map((result) => result ?? incomplete(server));
}

// A call without a result must not be counted as accepted.
function incomplete({ url }: ServerAddress): never {
  throw new ImportStopped(
    `${url} did not return a result for every event of a batch. Is it a Stageline server? It is safe to run the same command again.`,
  );
}
