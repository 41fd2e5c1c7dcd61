import type { DidCondition, InstantComparison } from '../../src/engine/conditions/filter.ts';
import { shift } from './reference-calendar.ts';
import { type Exact, exact, matchesNumber, meetsTold } from './reference-comparisons.ts';
import { instantCriticals, meetsInstant } from './reference-instants.ts';
import type { Happened, ReferenceHistory } from './reference-story.ts';

/** What an event is called and carries, depending on its kind. */
function contentOf(call: Happened['call']): { name: string; properties: Record<string, unknown> } {
  const { type, name, event, properties = {}, traits = {}, userId, previousId } = call;
  if (type === 'track') return { name: event ?? '', properties };
  if (type === 'page') return { name: name || 'page', properties };
  return { name: type, properties: type === 'identify' ? traits : { userId, previousId } };
}

const propertyOf = ({ call }: Happened, name: string): unknown => {
  const { properties } = contentOf(call);
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
};

function matches(happened: Happened, asked: DidCondition, at: number, timeZone: string): boolean {
  if (happened.at > at) return false;
  if (happened.call.type !== (asked.kind ?? 'TRACK').toLowerCase()) return false;
  if (!asked.event.includes(contentOf(happened.call).name)) return false;
  const { within, between } = asked.window ?? {};
  if (within !== undefined && shift(happened.at, within, timeZone) <= at) return false;
  if (between && happened.at < Date.parse(between.from)) return false;
  if (between && happened.at >= Date.parse(between.to)) return false;
  return (asked.where ?? []).every(({ name, is }) =>
    meetsTold(propertyOf(happened, name), is, { at, timeZone }),
  );
}

export function didHolds(
  { events, timeZone }: Pick<ReferenceHistory, 'events' | 'timeZone'>,
  asked: DidCondition,
  at: number,
): boolean {
  const matching = events.filter((happened) => matches(happened, asked, at, timeZone));
  const { count, sum, min, max, distinct, first, last } = asked.measure ?? {
    count: { atLeast: 1 },
  };
  const times = matching.map((happened) => happened.at);
  const numbers = (name: string) =>
    matching
      .map((happened) => propertyOf(happened, name))
      .flatMap((value) => (typeof value === 'number' ? [exact(value).millionths] : []));
  const instantOf = (find: typeof Math.min) => (times.length > 0 ? find(...times) : undefined);
  const meets = (x: number | undefined, comparison: InstantComparison) =>
    meetsInstant(x, comparison, { at, timeZone });

  if (count) return matchesNumber(exact(matching.length), count);
  if (sum) return matchesNumber(sumOf(numbers(sum.property)), sum.is);
  if (min) return matchesNumber(inOrder(numbers(min.property)).at(0), min.is);
  if (max) return matchesNumber(inOrder(numbers(max.property)).at(-1), max.is);
  if (first) return meets(instantOf(Math.min), first);
  if (last) return meets(instantOf(Math.max), last);
  const values = matching.map((happened) => propertyOf(happened, distinct?.property ?? ''));
  return matchesNumber(exact(different(values)), distinct?.is ?? {});
}

const sumOf = (numbers: bigint[]): Exact => ({
  millionths: numbers.reduce((total, one) => total + one, 0n),
  per: 1n,
});

const inOrder = (numbers: bigint[]): Exact[] =>
  numbers.toSorted((a, b) => (a < b ? -1 : 1)).map((millionths) => ({ millionths, per: 1n }));

const countable = ['string', 'number', 'boolean'];
const different = (values: unknown[]) =>
  new Set(
    values
      .filter((value) => countable.includes(typeof value))
      .map((value) => `${typeof value} ${value}`),
  ).size;

/** When the answer may change: whenever an event leaves the window or reaches an age that is asked for. */
export function didCriticals(
  { events, timeZone }: ReferenceHistory,
  asked: DidCondition,
): number[] {
  const { within } = asked.window ?? {};
  const { first, last } = asked.measure ?? {};
  return events.flatMap(({ at }) => [
    at,
    ...(within === undefined ? [] : [shift(at, within, timeZone)]),
    ...[first, last].flatMap((is) => (is ? instantCriticals(at, is, timeZone) : [])),
  ]);
}
