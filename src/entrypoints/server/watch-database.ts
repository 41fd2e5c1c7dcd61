import type { createAuthenticator } from '../../access/authenticate.ts';
import type { createConnections } from '../../access/connections.ts';
import { revocationsChannel } from '../../access/keys.ts';
import { changesChannel } from '../../engine/changes/append.ts';
import type { FollowedLogs } from '../../engine/changes/followed-logs.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { listen } from '../../platform/notifications.ts';

const pollMs = 1_000;

/** Reacts to notifications, and polls every second in case a notification was lost. */
export function watchDatabase(options: {
  database: Database;
  log: Log;
  logs: FollowedLogs;
  authenticator: ReturnType<typeof createAuthenticator>;
  connections: ReturnType<typeof createConnections>;
}) {
  const { database, log, logs, authenticator, connections } = options;
  const notifications = listen(database, log, {
    [changesChannel]: (workspaceId) => logs.wake(workspaceId),
    [revocationsChannel]: (keyId) => {
      authenticator.invalidate(keyId);
      connections.revoke(keyId);
    },
  });
  const poll = setInterval(() => {
    logs.poll();
    connections.check().catch((error) => {
      log.warn({ err: error }, 'Looking up revoked keys failed; retrying');
    });
  }, pollMs);
  return {
    async stop() {
      clearInterval(poll);
      await notifications.stop();
    },
  };
}
