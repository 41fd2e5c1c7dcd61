import type { Services } from '../../../schema/kernel/context.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import { Unauthenticated } from '../../access/authenticate.ts';
import type { Connections } from '../../access/connections.ts';
import type { Principal } from '../../access/principal.ts';
import type { Database } from '../../platform/database.ts';
import type { Databases } from '../../platform/databases.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { OperationContext } from './live/subscribe.ts';
import { createOperationTransaction } from './operation-transaction.ts';

export interface Caller {
  principal: Principal | undefined;
  lastEventId?: string | undefined;
  /** Aborts when the client disconnects. */
  signal?: AbortSignal | undefined;
}

/** Creates the context of one operation. The database transaction is opened on first use. */
export function createContextFactory(options: {
  databases: Pick<Databases, 'operations' | 'live'>;
  services: Services;
  connections: Connections;
  now: Clock;
}) {
  const { databases, services, connections, now } = options;

  function create(caller: Caller, database: Database): OperationContext {
    const { principal, lastEventId } = caller;
    const ending = new AbortController();
    const signal = caller.signal ? AbortSignal.any([caller.signal, ending.signal]) : ending.signal;
    const workspaceId = () => {
      if (!principal) throw new Unauthenticated();
      return principal.workspaceId;
    };
    return {
      principal,
      // Never read without a principal: every root field is refused before.
      workspaceId: principal?.workspaceId ?? '',
      now,
      lastEventId,
      services,
      signal,
      meter: createMeter(),
      abort: (reason) => ending.abort(reason),
      ...createOperationTransaction(database, workspaceId, signal),
      // Without the caller's signal: others may be delivered the same.
      forDelivery: () => create({ principal }, databases.live),
      write: (work) => databases.operations.inWorkspace(workspaceId(), work),
      onRevoked: (close) => (principal ? connections.register(principal, close) : () => undefined),
    };
  }

  return (caller: Caller) => create(caller, databases.operations);
}

export type ContextFactory = ReturnType<typeof createContextFactory>;
