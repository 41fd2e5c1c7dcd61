import type { DidCondition, InstantComparison } from '../../src/engine/conditions/filter.ts';
import type { ReferenceEvent, ReferenceHistory } from './customer-history.ts';
import { shift } from './reference-calendar.ts';
import { type Exact, exact, matchesNumber, matchesValue } from './reference-comparisons.ts';
import { comparisonCriticalInstants, matchesInstant } from './reference-instants.ts';
import { readNumber, roundAmount } from './reference-money.ts';

/** The name and the properties of an event, depending on its kind. */
function contentOf(call: ReferenceEvent['call']): {
  name: string;
  properties: Record<string, unknown>;
} {
  const { type, name, event, properties = {}, traits = {}, userId, previousId } = call;
  if (type === 'track') return { name: event ?? '', properties };
  if (type === 'page') return { name: name || 'page', properties };
  return { name: type, properties: type === 'identify' ? traits : { userId, previousId } };
}

const propertyOf = ({ call }: ReferenceEvent, name: string): unknown => {
  const { properties } = contentOf(call);
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
};

function matchesEvent(
  event: ReferenceEvent,
  condition: DidCondition,
  at: number,
  timeZone: string,
): boolean {
  if (event.at > at) return false;
  if (event.call.type !== (condition.kind ?? 'TRACK').toLowerCase()) return false;
  if (!condition.event.includes(contentOf(event.call).name)) return false;
  const { within, between } = condition.window ?? {};
  if (within !== undefined && shift(event.at, within, timeZone) <= at) return false;
  if (between && event.at < Date.parse(between.from)) return false;
  if (between && event.at >= Date.parse(between.to)) return false;
  return (condition.where ?? []).every(({ name, is }) =>
    matchesValue(propertyOf(event, name), is, { at, timeZone }),
  );
}

const isOrderOrRefund = ({ call }: ReferenceEvent) =>
  call.type === 'track' &&
  ['order completed', 'order refunded'].includes(call.event?.trim().toLowerCase() ?? '');

/** A property in millionths: an amount only if it is in the measured currency. */
function measuredNumber(
  event: ReferenceEvent,
  property: string,
  currencies: { measured: string; own: string },
): bigint | undefined {
  const value = readNumber(propertyOf(event, property));
  if (value === undefined || property !== 'total' || !isOrderOrRefund(event)) return value;
  const currency = String(propertyOf(event, 'currency') ?? currencies.own);
  return currency === currencies.measured ? roundAmount(value, currency) : undefined;
}

export function matchesDid(
  { events, timeZone, currency }: Pick<ReferenceHistory, 'events' | 'timeZone' | 'currency'>,
  condition: DidCondition,
  at: number,
): boolean {
  const matching = events.filter((event) => matchesEvent(event, condition, at, timeZone));
  const { count, sum, min, max, distinct, first, last } = condition.measure ?? {
    count: { atLeast: 1 },
  };
  const times = matching.map((event) => event.at);
  const named = condition.where?.find(({ name }) => name === 'currency')?.is.text;
  const measured = named?.equals ?? (named?.in?.length === 1 ? named.in[0] : undefined) ?? currency;
  const numbers = (name: string) =>
    matching.flatMap((event) => measuredNumber(event, name, { measured, own: currency }) ?? []);
  const instantOf = (find: typeof Math.min) => (times.length > 0 ? find(...times) : undefined);
  const compare = (x: number | undefined, comparison: InstantComparison) =>
    matchesInstant(x, comparison, { at, timeZone });

  if (count) return matchesNumber(exact(matching.length), count);
  if (sum) return matchesNumber(sumOf(numbers(sum.property)), sum.is);
  if (min) return matchesNumber(inOrder(numbers(min.property)).at(0), min.is);
  if (max) return matchesNumber(inOrder(numbers(max.property)).at(-1), max.is);
  if (first) return compare(instantOf(Math.min), first);
  if (last) return compare(instantOf(Math.max), last);
  const values = matching.map((event) => propertyOf(event, distinct?.property ?? ''));
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

/** The instants at which the answer may change: when an event leaves the window or reaches a compared age. */
export function didCriticalInstants(
  { events, timeZone }: ReferenceHistory,
  condition: DidCondition,
): number[] {
  const { within } = condition.window ?? {};
  const { first, last } = condition.measure ?? {};
  return events.flatMap(({ at }) => [
    at,
    ...(within === undefined ? [] : [shift(at, within, timeZone)]),
    ...[first, last].flatMap((is) => (is ? comparisonCriticalInstants(at, is, timeZone) : [])),
  ]);
}
