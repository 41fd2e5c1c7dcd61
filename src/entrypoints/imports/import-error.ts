import { ImportStopped } from './import-stopped.ts';
import type { JsonResponse, ServerAddress } from './post-json.ts';

/** Converts a permanent failure of the server to an error with advice. */
export function toImportError(
  { url }: ServerAddress,
  { status, body }: JsonResponse,
): ImportStopped {
  const serverMessage = messageOf(body);
  const advice = adviceByStatus[status] ?? `${url} responds with status ${status}.`;
  const where = status === 404 || (status >= 300 && status < 400) ? ` The URL was ${url}.` : '';
  const details = serverMessage ? ` Response: ${serverMessage}` : '';
  return new ImportStopped(`${advice}${where}${details}`);
}

const adviceByStatus: Readonly<Record<number, string>> = {
  301: 'The server has moved. Pass its new URL as --url.',
  302: 'The server redirects to another URL. Pass that URL as --url.',
  307: 'The server redirects to another URL. Pass that URL as --url.',
  308: 'The server has moved. Pass its new URL as --url.',
  401: 'The server does not accept this key. Check --key, and that the key was not revoked.',
  403: 'This key cannot send events: it needs the scope ingest.',
  404: 'There is no Stageline server at this URL, or it has no /v1/batch.',
  413: 'A batch was too large for the server or a proxy. Run the same command again with a smaller --batch-bytes.',
};

function messageOf(body: unknown) {
  const candidates = [body, propertyOf(body, 'error')].map((part) =>
    typeof part === 'string' ? part : propertyOf(part, 'message'),
  );
  const message = candidates.find((part) => typeof part === 'string' && part !== '');
  return typeof message === 'string' ? message.slice(0, 300) : undefined;
}

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
