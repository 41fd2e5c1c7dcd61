import { IANAZone } from 'luxon';
import { InvalidInput } from '../../platform/errors.ts';
import { fetchWorkspace } from './fetch-workspace.ts';
import type { PostOptions, Server } from './post-json.ts';

/** Time zone and currency: as said, otherwise the workspace's. */
export async function resolveSettings(
  { timeZone, currency }: { timeZone?: string; currency?: string },
  server: Server,
  options: PostOptions,
): Promise<{ timeZone: string; currency: string | undefined }> {
  assertTimeZone(timeZone);
  assertCurrency(currency);
  // Without a currency in the call the server takes the workspace's own, so only the zone is needed.
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
  throw new InvalidInput(`"${timeZone}" is no time zone. Say one such as Europe/Berlin or UTC.`);
}

function assertCurrency(currency: string | undefined) {
  if (currency === undefined || /^[a-z]{3}$/i.test(currency)) return;
  throw new InvalidInput(`"${currency}" is no ISO 4217 currency code such as EUR.`);
}
