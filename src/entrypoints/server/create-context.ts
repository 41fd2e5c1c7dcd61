import type { Services } from '../../../schema/kernel/context.ts';
import { createMeter } from '../../../schema/kernel/meter.ts';
import { Unauthenticated } from '../../access/authenticate.ts';
import type { Connections } from '../../access/connections.ts';
import type { Principal } from '../../access/principal.ts';
import type { Database } from '../../platform/database.ts';
import type { Databases } from '../../platform/databases.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { OperationContext, Outlet } from './live/operation-context.ts';
import { createOperationTransaction } from './operation-transaction.ts';

export interface Caller {
  principal: Principal | undefined;
  lastEventId?: string | undefined;
  /** Aborts when the client disconnects. */
  signal?: AbortSignal | undefined;
  /** Writes the changes of a subscription. */
  outlet?: Outlet | undefined;
}

export interface ContextFactory {
  forOperation(caller: Caller): OperationContext;
  /** For the starts of any subscriptions of the workspace with these scopes: no caller ends it. */
  forStarts(principal: Principal): OperationContext;
  /** The same for deliveries. */
  forDeliveries(principal: Principal): OperationContext;
  /** Ends every stream with an AbortError: it is incomplete, and its client resumes elsewhere. */
  endStreams(): void;
}

type EndStream = Parameters<OperationContext['onEnd']>[0];

/** Creates the context of one operation. The database transaction is opened on first use. */
export function createContextFactory(options: {
  databases: Pick<Databases, 'operations' | 'live'>;
  services: Services;
  connections: Connections;
  now: Clock;
}): ContextFactory {
  const { databases, services, connections, now } = options;

  function create(caller: Caller, database: Database): OperationContext {
    const { principal, lastEventId, outlet } = caller;
    const ending = new AbortController();
    const signal = caller.signal ? AbortSignal.any([caller.signal, ending.signal]) : ending.signal;
    const workspaceId = () => {
      if (!principal) throw new Unauthenticated();
      return principal.workspaceId;
    };
    const transaction = createOperationTransaction(database, workspaceId, signal);
    let instant: Date | undefined;
    return {
      principal,
      // Never read without a principal: every root field is refused before.
      workspaceId: principal?.workspaceId ?? '',
      now() {
        instant ??= now();
        return instant;
      },
      lastEventId,
      services,
      signal,
      meter: createMeter(),
      abort: (reason) => ending.abort(reason),
      ...transaction,
      release() {
        instant = undefined;
        return transaction.release();
      },
      write: (work) => databases.operations.inWorkspace(workspaceId(), work),
      outlet,
      onEnd: (end) => (principal ? whenEnded(principal, end) : () => undefined),
    };
  }

  const streams = new Set<EndStream>();

  function whenEnded(principal: Principal, end: EndStream) {
    streams.add(end);
    const deregister = connections.register(principal, () => end('REVOKED'));
    return () => {
      streams.delete(end);
      deregister();
    };
  }

  return {
    forOperation: (caller) => create(caller, databases.operations),
    forStarts: (principal) => create({ principal }, databases.operations),
    forDeliveries: (principal) => create({ principal }, databases.live),
    endStreams() {
      for (const end of streams)
        end('SHUTDOWN', new DOMException('The server is ending', 'AbortError'));
    },
  };
}
