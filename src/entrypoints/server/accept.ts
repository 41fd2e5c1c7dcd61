const eventStream = ['text/event-stream', 'text/*', '*/*'] as const;

/**
 * Whether an `Accept` header allows an event stream. The most specific range decides (RFC 9110, 12.5.1).
 * Without the header everything is allowed.
 */
export function acceptsEventStream(header: string | null | undefined): boolean {
  if (!header?.trim()) return true;
  const weights = new Map(header.split(',').map(parseRange));
  const decisive = eventStream.find((range) => weights.has(range));
  return decisive !== undefined && weights.get(decisive) !== 0;
}

function parseRange(text: string): [range: string, weight: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return [range, weight === undefined ? 1 : Number(weight)];
}
