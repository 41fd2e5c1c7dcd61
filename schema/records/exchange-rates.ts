import type { ExchangeRate as ExchangeRateRow } from '../../prisma/generated/client.ts';
import {
  parseRates,
  type ExchangeRate as RateGiven,
} from '../../src/domains/records/exchange-rates/parse-rates.ts';
import { storeRates } from '../../src/domains/records/exchange-rates/store-rates.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { pageCost } from '../kernel/cost.ts';
import { addMutation, definePayload } from '../kernel/mutation.ts';
import { afterArg, firstArg, pageSize, parsePageCursor, toConnection } from '../kernel/page.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';

const maxRates = 1_000;

/** @throws InvalidInput */
function requireRates(rates: readonly RateGiven[], ownCurrency: string): RateGiven[] {
  if (rates.length < 1 || rates.length > maxRates) {
    throw new InvalidInput(`Set 1 to ${maxRates} rates at once; these are ${rates.length}.`);
  }
  return parseRates(rates, { ownCurrency, placeOf: (index) => `rates.${index}` });
}

const currencyField = 'The code of the other currency (ISO 4217).';
const effectiveField =
  'The first day on which the rate applies, such as "2026-03-01", in the time zone of the workspace. It applies until the next day that has a rate.';
const rateField =
  'How many units of the workspace\'s currency one unit of the other currency is worth, as an exact decimal such as "0.9214".';

const dateOf = ({ effectiveOn }: ExchangeRateRow) => effectiveOn.toISOString().slice(0, 10);

const ExchangeRate = builder.objectRef<ExchangeRateRow>('ExchangeRate').implement({
  description: 'The value of a currency from a day on.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: currencyField }),
    effectiveOn: t.string({ description: effectiveField, resolve: dateOf }),
    knownAt: t.expose('knownAt', {
      type: 'DateTime',
      description:
        'When the rate was set. Of several rates for one day, that which was set last applies.',
    }),
    rate: t.string({ description: rateField, resolve: ({ rate }) => rate.toFixed() }),
  }),
});

const ExchangeRateConnection = builder.connectionObject({
  type: ExchangeRate,
  name: 'ExchangeRateConnection',
});

const list = 'exchangeRates';
const datePattern = /^\d{4}-\d\d-\d\d$/;
const currencyPattern = /^[A-Z]{3}$/;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The rates after one with these sort values, in descending order. */
function olderThan([effectiveOn, currency, knownAt]: readonly [string, string, string]) {
  const day = new Date(effectiveOn);
  return {
    OR: [
      { effectiveOn: { lt: day } },
      { effectiveOn: day, currency: { lt: currency } },
      { effectiveOn: day, currency, knownAt: { lt: new Date(knownAt) } },
    ],
  };
}

builder.queryField(list, (t) =>
  t.field({
    type: ExchangeRateConnection,
    description:
      'All rates that were ever set: the latest days first; of one day, the last currency of the alphabet first, and its rate that was set last first.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async (_root, args, { tx, workspaceId }) => {
      const patterns = [datePattern, currencyPattern, instantPattern] as const;
      const after = parsePageCursor(list, args.after, patterns);
      const rows = await tx.exchangeRate.findMany({
        where: { workspaceId, ...(after && olderThan(after)) },
        orderBy: [{ effectiveOn: 'desc' }, { currency: 'desc' }, { knownAt: 'desc' }],
        take: pageSize(args).size + 1,
      });
      const sortKeyOf = (row: ExchangeRateRow) => [
        dateOf(row),
        row.currency,
        row.knownAt.toISOString(),
      ];
      return toConnection({ list, rows, args, sortKeyOf });
    },
  }),
);

const ExchangeRateInput = builder.inputType('ExchangeRateInput', {
  description: 'The value of a currency from a day on.',
  fields: (t) => ({
    currency: t.string({
      required: true,
      description: `${currencyField} Not the workspace's own.`,
    }),
    effectiveOn: t.string({ required: true, description: effectiveField }),
    rate: t.string({
      required: true,
      description: `${rateField} Above 0, with at most 9 digits before the point and 12 after it.`,
    }),
  }),
});

const SetExchangeRatesPayload = definePayload<{ added: number }>(
  'SetExchangeRatesPayload',
  'The rates that were set.',
  (t) => ({
    added: t.exposeInt('added', {
      description: 'The number of rates that were not known before.',
    }),
  }),
);

addMutation('setExchangeRates', {
  type: SetExchangeRatesPayload,
  description:
    'Sets what other currencies are worth. A further rate for the same day replaces the earlier one from now on, and both are kept. If one rate is invalid, none is set.',
  errors: [InvalidInput],
  args: (arg) => ({
    rates: arg({
      type: [ExchangeRateInput],
      required: true,
      description: `1 to ${maxRates} rates, at most one of each currency and day.`,
    }),
  }),
  parse: async ({ rates }, ctx) => ({
    rates: requireRates(rates, (await loadWorkspace(ctx)).currency),
  }),
  write: async (db, { rates }, ctx) => ({ added: await storeRates(db, rates, ctx.now()) }),
});
