import { ImportStopped } from './import-stopped.ts';
import type { Answer, Server } from './post-json.ts';

/** The sentence for an answer that no retry will change. */
export function refuseStatus({ url }: Server, { status, body }: Answer): ImportStopped {
  const said = messageOf(body);
  const sentence = sentences[status] ?? `${url} answers with status ${status}.`;
  const where = status === 404 || (status >= 300 && status < 400) ? ` The address was ${url}.` : '';
  return new ImportStopped(`${sentence}${where}${said ? ` It says: ${said}` : ''}`);
}

const sentences: Readonly<Record<number, string>> = {
  301: 'The server has moved: give its new address as --url.',
  302: 'The server redirects elsewhere: give that address as --url.',
  307: 'The server redirects elsewhere: give that address as --url.',
  308: 'The server has moved: give its new address as --url.',
  401: 'The server does not know this key. Check --key, and that it was not revoked.',
  403: 'This key may not send events: it needs the scope that allows tracking.',
  404: 'There is no Stageline server at this address, or it is one without /v1/batch.',
  413: 'A batch was too large for the server or a proxy in front of it: run the same command again with a smaller --batch-bytes.',
};

function messageOf(body: unknown) {
  const candidates = [body, propertyOf(body, 'error')].map((part) =>
    typeof part === 'string' ? part : propertyOf(part, 'message'),
  );
  const said = candidates.find((part): part is string => typeof part === 'string' && part !== '');
  return said?.slice(0, 300);
}

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
