import type { IncomingMessage } from 'node:http';
import type { SubscribePayload } from 'graphql-ws';
import { z } from 'zod';
import { InvalidInput } from '../../platform/errors.ts';
import { readBody } from './body.ts';
import { parserOf } from './request-parser.ts';

const maxBodyBytes = 256 * 1024;
const maxIdLength = 256;

const shape = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.object({ operationId: z.string().min(1).max(maxIdLength) }),
});

/** An operation for an event stream. */
export interface StreamPayload {
  id: string;
  payload: SubscribePayload;
}

/**
 * Reads the operation and its id from the body.
 *
 * @throws BodyTooLarge over 256 KB; InvalidInput and other refusals when the body is malformed
 */
export async function readStreamPayload(request: IncomingMessage): Promise<StreamPayload> {
  const parse = parserOf(request.headers['content-type']);
  const { data, error } = shape.safeParse(parse(await readBody(request, maxBodyBytes)));
  if (!data) throw new InvalidInput(describe(error));
  const { extensions, ...payload } = data;
  return { id: extensions.operationId, payload };
}

function describe({ issues: [first] }: z.ZodError): string {
  const path = first?.path.join('.') || 'The body';
  return `${path}: ${first?.message ?? 'invalid'}. Send "query", and an id of 1 to ${maxIdLength} characters in "extensions.operationId".`;
}
