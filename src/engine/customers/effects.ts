import { perInstallation } from '../extensions.ts';
import type { EventEffect } from './event-effect.ts';

/** The effect of page and screen calls. */
export const viewEffect = 'view';

export const eventEffects = perInstallation(
  (extensions): ReadonlyMap<string, EventEffect> =>
    new Map(
      extensions
        .flatMap((extension) => extension.eventEffects ?? [])
        .map((effect) => [effect.name, effect]),
    ),
);

const effectsByEvent = perInstallation(
  () =>
    new Map(
      [...eventEffects().values()].flatMap(({ name, events }) =>
        events.map((event) => [event.toLowerCase(), name]),
      ),
    ),
);

/** The effect of a call; null if it has none and counts only as activity. */
export function effectOf(kind: string, name: string): string | null {
  if (kind === 'page' || kind === 'screen') return viewEffect;
  if (kind !== 'track') return null;
  return effectsByEvent().get(name.trim().toLowerCase()) ?? null;
}
