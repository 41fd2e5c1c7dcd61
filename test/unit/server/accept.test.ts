import { expect, it } from 'vitest';
import { acceptsEventStream } from '../../../src/entrypoints/server/accept.ts';

it.each<[string | null, boolean]>([
  [null, true],
  ['', true],
  ['*/*', true],
  ['text/*', true],
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['application/json, text/event-stream;q=0.1', true],
  ['*/*;q=0, text/event-stream', true],
  ['text/event-stream;q=0', false],
  ['text/event-stream; Q=0.000, */*', false],
  ['text/*;q=0, */*', false],
  ['*/*;q=0', false],
  ['application/json', false],
  ['multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json', false],
  ['text/html', false],
])('an Accept of %j allows an event stream: %s', (header, allowed) => {
  expect(acceptsEventStream(header)).toBe(allowed);
});
