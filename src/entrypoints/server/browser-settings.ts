import type { IncomingMessage } from 'node:http';
import { InvalidInput } from '../../platform/errors.ts';

/**
 * The settings that browser SDKs load from their `cdnURL` when they start. They name this server as the receiver of the
 * calls, because the SDKs send to their vendor otherwise, and list no other destination.
 */
export function browserSettings(request: IncomingMessage, key: string) {
  const { host } = request.headers;
  if (!host) throw new InvalidInput('The request has no Host header.');
  const isAllowed = { __default: { enabled: true, integrations: {} } };
  return {
    integrations: {
      'Segment.io': {
        apiKey: key,
        apiHost: `${host}/v1`,
        protocol: protocolOf(request),
        unbundledIntegrations: [],
        addBundledMetadata: false,
      },
    },
    plan: { track: isAllowed, identify: isAllowed, group: isAllowed },
    analyticsNextEnabled: true,
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
    // The SDK would report its own performance otherwise.
    metrics: { sampleRate: 0 },
  };
}

/** The server itself speaks HTTP; a proxy in front of it names the protocol of the browser. */
function protocolOf({ headers }: IncomingMessage): 'http' | 'https' {
  const [forwarded = ''] = String(headers['x-forwarded-proto'] ?? '').split(',');
  return forwarded.trim().toLowerCase() === 'https' ? 'https' : 'http';
}
