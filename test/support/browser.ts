import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The installed Chromium; undefined if there is none. */
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path));

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });

export interface Site {
  url: string;
  close(): Promise<void>;
}

const bundle = join(
  dirname(createRequire(import.meta.url).resolve('@segment/analytics-next/package.json')),
  'dist/umd/index.js',
);

/** A web page of another origin than the server, with the SDK as published. */
export async function serveSite(): Promise<Site> {
  const script = await readFile(bundle);
  const server = createServer((request, response) => {
    if (request.url === '/sdk.js')
      response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<title>Shop</title><script src="/sdk.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Collects what the page requested and what it complained of. */
export function observePage(page: Page) {
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(`${request.method()} ${request.url()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { requested, complaints };
}
