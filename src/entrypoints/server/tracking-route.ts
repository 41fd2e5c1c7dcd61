import { type EventKind, eventKinds } from '../../engine/ingestion/event.ts';
import { DomainError } from '../../platform/errors.ts';

class UnknownRoute extends DomainError {
  readonly code = 'NOT_FOUND';
  override readonly status = 404;
  constructor() {
    super(`Unknown route. Use /v1/batch or ${eventKinds.map((kind) => `/v1/${kind}`).join(', ')}.`);
  }
}

/** Where a request to /v1 leads: to one call, to a batch of calls, or to the settings of a browser SDK. */
export type TrackingRoute =
  | { to: 'call'; kind: EventKind }
  | { to: 'batch' }
  | { to: 'settings'; key: string };

const settingsPath = /^projects\/([^/]+)\/settings$/;
const batchNames = ['batch', 'b', 'import'];

/** SDKs for servers use the names of the calls, SDKs for browsers their first letters. @throws UnknownRoute */
export function parseTrackingRoute(path: string): TrackingRoute {
  const name = path.slice('/v1/'.length).replace(/\/$/, '');
  if (batchNames.includes(name)) return { to: 'batch' };
  const kind = eventKinds.find((known) => name === known || name === known.charAt(0));
  if (kind) return { to: 'call', kind };
  const [, key] = settingsPath.exec(name) ?? [];
  if (key) return { to: 'settings', key };
  throw new UnknownRoute();
}
