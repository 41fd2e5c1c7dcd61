import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { browserSettings } from '../../../src/entrypoints/server/browser-settings.ts';
import { parseTrackingRoute } from '../../../src/entrypoints/server/tracking-route.ts';

it.each([
  ['track', 't'],
  ['identify', 'i'],
  ['page', 'p'],
  ['screen', 's'],
  ['group', 'g'],
  ['alias', 'a'],
])('the route of %s calls is also %s', (kind, letter) => {
  for (const name of [kind, letter, `${letter}/`])
    expect(parseTrackingRoute(`/v1/${name}`)).toEqual({ to: 'call', kind });
});

it.each(['batch', 'b', 'import'])('%s leads to batches', (name) => {
  expect(parseTrackingRoute(`/v1/${name}`)).toEqual({ to: 'batch' });
});

it.each([
  '',
  'x',
  'tr',
  'T',
  'projects',
  'projects//settings',
  'projects/k',
  'projects/a/b/settings',
])('the path "%s" is unknown', (name) => {
  expect(() => parseTrackingRoute(`/v1/${name}`)).toThrow('Unknown route');
});

it.each([
  [{}, 'http'],
  [{ 'x-forwarded-proto': 'https' }, 'https'],
  [{ 'x-forwarded-proto': 'HTTPS, http' }, 'https'],
  [{ 'x-forwarded-proto': 'http' }, 'http'],
])('the settings for a request with %j name the protocol %s', (headers, protocol) => {
  const request = { headers: { host: 'a.example:8', ...headers } } as unknown as IncomingMessage;

  const { integrations } = browserSettings(request, 'k');

  expect(integrations['Segment.io']).toMatchObject({
    apiKey: 'k',
    apiHost: 'a.example:8/v1',
    protocol,
  });
});
