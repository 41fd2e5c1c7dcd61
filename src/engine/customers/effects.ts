/** What a known event does to a customer's facts, whatever its name. */
export type Effect =
  | 'order'
  | 'refund'
  | 'lead'
  | 'sign_up'
  | 'subscription_started'
  | 'subscription_renewed'
  | 'subscription_cancelled'
  | 'view';

/** The commerce and lifecycle events known by name; any other event is kept and counts as activity. */
const effectsByName: Readonly<Record<string, Effect>> = {
  'order completed': 'order',
  'order refunded': 'refund',
  'lead captured': 'lead',
  'signed up': 'sign_up',
  'subscription started': 'subscription_started',
  'subscription renewed': 'subscription_renewed',
  'subscription cancelled': 'subscription_cancelled',
  'subscription canceled': 'subscription_cancelled',
};

export function effectOf(kind: string, name: string): Effect | null {
  if (kind === 'page' || kind === 'screen') return 'view';
  if (kind !== 'track') return null;
  const key = name.trim().toLowerCase();
  return Object.hasOwn(effectsByName, key) ? (effectsByName[key] ?? null) : null;
}
