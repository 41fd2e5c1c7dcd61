import type { AnalyticsBrowser, AnalyticsSnippet } from '@segment/analytics-next';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import type { Scope } from '../../../src/access/principal.ts';
import {
  chromiumPath,
  launchChromium,
  observePage,
  type Site,
  serveSite,
} from '../../support/browser.ts';
import { storedEvents } from '../../support/inspect.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

declare global {
  interface Window {
    AnalyticsNext: { AnalyticsBrowser: typeof AnalyticsBrowser };
    sdk: Awaited<ReturnType<typeof AnalyticsBrowser.load>>[0];
    snippet: AnalyticsSnippet;
  }
}

const server = useServer();

it('needs an installed Chromium', ({ skip }) => {
  skip(chromiumPath === undefined, 'No Chromium is installed: install it, or set CHROMIUM');
});

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Opens a page of the shop, in a browser without history. */
  async function openShop(scopes: Scope[] = ['collect']) {
    const workspace = await newWorkspace(server);
    const { key } = await createKey(server.database, workspace.id, { name: 'site', scopes });
    const context = await browser.newContext();
    const page = await context.newPage();
    const observed = observePage(page);
    await page.goto(site.url);
    return { workspace, key, page, ...observed, close: () => context.close() };
  }

  /** Loads the SDK as its readme documents; `cdnURL` is the only setting. */
  const loadSdk = (page: Page, key: string, settings: object = {}) =>
    page.evaluate(
      async ([writeKey, cdnURL, options]) => {
        const loaded = await window.AnalyticsNext.AnalyticsBrowser.load(
          { writeKey, cdnURL },
          options,
        );
        window.sdk = loaded[0];
      },
      [key, server.url, settings] as const,
    );

  const kindsOf = async (workspace: TestWorkspace) =>
    (await storedEvents(server, workspace)).map(({ kind }) => kind).toSorted();

  it('the unmodified SDK delivers every type of call of a visitor who becomes a user', async () => {
    const { workspace, key, page, requested, complaints, close } = await openShop();
    await loadSdk(page, key);

    const anonymousId = await page.evaluate(async () => {
      const { sdk } = window;
      await sdk.page('Home');
      await sdk.screen('Cart');
      await sdk.track('Product Viewed', { sku: 'LAMP' });
      await sdk.identify('ada', { name: 'Ada', email: 'ada@example.com' });
      await sdk.group('acme', { name: 'Acme' });
      await sdk.alias('ada', sdk.user().anonymousId() ?? '');
      return sdk.user().anonymousId();
    });

    const { customers, customer } = await workspace.query(
      `query ($id: String) { customers { totalCount } customer(by: { anonymousId: $id }) {
         userId email eventCount events { nodes { trust } } } }`,
      { id: anonymousId },
    );
    expect(complaints).toEqual([]);
    expect(await kindsOf(workspace)).toEqual([
      'alias',
      'group',
      'identify',
      'page',
      'screen',
      'track',
    ]);
    expect(customers).toEqual({ totalCount: 1 });
    expect(customer).toMatchObject({ userId: 'ada', email: 'ada@example.com', eventCount: 6 });
    expect(JSON.stringify(customer)).not.toContain('SERVER');
    // Nothing went to the vendor of the SDK.
    expect(requested.filter((one) => !one.includes(server.url) && !one.includes(site.url))).toEqual(
      [],
    );
    await close();
  });

  it('the SDK delivers batches, and what is left when the page is closed', async () => {
    const { workspace, key, page, complaints, close } = await openShop();
    const deliveryStrategy = { strategy: 'batching', config: { size: 2, timeout: 600_000 } };
    await loadSdk(page, key, { integrations: { 'Segment.io': { deliveryStrategy } } });

    await page.evaluate(async () => {
      for (let count = 0; count < 3; count += 1) await window.sdk.track(`Event ${count}`);
    });
    await expect.poll(() => kindsOf(workspace)).toHaveLength(2);
    await page.goto('about:blank');

    await expect.poll(() => kindsOf(workspace)).toHaveLength(3);
    expect(complaints).toEqual([]);
    await close();
  });

  it.each([
    ['text', 'text/plain'],
    ['JSON (after a preflight)', 'application/json'],
  ])('a beacon of %s with the key inside is accepted', async (_what, type) => {
    const { workspace, key, page, complaints, close } = await openShop();

    await page.evaluate(
      ([url, body, of]) => navigator.sendBeacon(`${url}/v1/p`, new Blob([body], { type: of })),
      [server.url, JSON.stringify({ writeKey: key, anonymousId: 'v' }), type] as const,
    );

    await expect.poll(() => kindsOf(workspace)).toEqual(['page']);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a page can read the refusal of a call', async () => {
    const { key, page, close } = await openShop();

    const answer = await page.evaluate(
      async ([url, writeKey]) => {
        const body = JSON.stringify({ writeKey, type: 'track' });
        const response = await fetch(`${url}/v1/t`, { method: 'POST', keepalive: true, body });
        return { http: response.status, ...(await response.json()) };
      },
      [server.url, key] as const,
    );

    expect(answer).toMatchObject({ http: 400, code: 'INVALID_EVENT' });
    await close();
  });

  it.each<[Scope]>([['ingest'], ['admin']])(
    'the SDK does not start with a key of the scope %s, which must stay secret',
    async (scope) => {
      const { key, page, complaints, close } = await openShop([scope]);

      await expect(loadSdk(page, key)).rejects.toThrow('FORBIDDEN');

      expect(complaints.join()).toContain('A key with the scope \\"collect\\" is required.');
      await close();
    },
  );
});
