import { IANAZone } from 'luxon';
import { InvalidInput } from '../../platform/errors.ts';
import { fetchWorkspace } from './fetch-workspace.ts';
import type { PostOptions, ServerAddress } from './post-json.ts';

/** Resolves time zone and currency: those of the request, otherwise the workspace's. */
export async function resolveSettings(
  { timeZone, currency }: { timeZone?: string; currency?: string },
  server: ServerAddress,
  options: PostOptions,
): Promise<{ timeZone: string; currency: string | undefined }> {
  assertTimeZone(timeZone);
  assertCurrency(currency);
  // The currency is not needed: for a call without one the server uses the workspace's.
  if (timeZone !== undefined) return { timeZone, currency: currency?.toUpperCase() };
  const workspace = await fetchWorkspace(server, options);
  assertTimeZone(workspace.timeZone);
  return {
    timeZone: workspace.timeZone,
    currency: (currency ?? workspace.currency)?.toUpperCase(),
  };
}

function assertTimeZone(timeZone: string | undefined) {
  if (timeZone === undefined || IANAZone.isValidZone(timeZone)) return;
  throw new InvalidInput(
    `"${timeZone}" is not a time zone. Use a name such as Europe/Berlin or UTC.`,
  );
}

function assertCurrency(currency: string | undefined) {
  if (currency === undefined || /^[a-z]{3}$/i.test(currency)) return;
  throw new InvalidInput(`"${currency}" is not an ISO 4217 currency code such as EUR.`);
}
