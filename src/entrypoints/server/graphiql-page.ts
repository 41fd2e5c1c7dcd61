import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { graphiql } from './graphiql.ts';

export interface Page {
  body: Buffer;
  etag: string;
  headers: Record<string, string>;
}

/**
 * Runs before GraphiQL: reads a key from the URL fragment, which a browser never sends to a server, and removes the
 * key that earlier versions of this page stored.
 */
const prepare = `
function prepareOptions(options) {
  localStorage.removeItem('graphiql:headers');
  addEventListener('hashchange', () => location.hash.startsWith('#key=') && location.reload());
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (!key) return options;
  history.replaceState(null, '', location.pathname + location.search);
  const headers = JSON.stringify({ Authorization: 'Bearer ' + key }, null, 2);
  const defaultTabs = options.defaultTabs.map(({ query }) => ({ query, headers }));
  return { ...options, headers, initialHeaders: headers, defaultTabs };
}
`;

/** Builds the page, about nine megabytes, and compresses it. */
export async function createPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = JSON.stringify(graphiql);
  const html = renderGraphiQL(graphiql)
    .replace(options, () => `prepareOptions(${options})`)
    .replace('<script>', () => `<script>${prepare}</script><script>`);
  const body = await promisify(gzip)(html);
  return {
    body,
    etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
      'content-security-policy': contentSecurityPolicy(html),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  };
}

/** Allows only the inline scripts of the page; the editor loads its workers as blobs. */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)];
  const hashes = scripts.map(([, text = '']) => `'sha256-${sha256(text)}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')} blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
