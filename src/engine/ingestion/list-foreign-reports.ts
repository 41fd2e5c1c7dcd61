import type { Transaction } from '../../platform/database.ts';
import { requireRecordKind } from '../records/record-kinds.ts';
import type { Event } from './event.ts';
import type { InterpretedEvent } from './resolve-records.ts';
import {
  type RejectedEvent,
  storeRejectedEvents,
  toRejectedText,
} from './store-rejected-events.ts';

/**
 * Lists the reports of users whose record belongs to another customer as rejected: they are stored, but change nothing.
 * Visitors are not listed, because they may turn out to be the customer.
 */
export async function listForeignReports(
  db: Transaction,
  run: readonly InterpretedEvent[],
): Promise<void> {
  const foreign = run.filter(({ event, reported }) => reported?.isForeign && isOfUser(event));
  if (foreign.length > 0) await storeRejectedEvents(db, foreign.map(toRejected));
}

const isOfUser = ({ names }: Event) => names.some(({ kind }) => kind === 'user_id');

function toRejected({ event, reported }: InterpretedEvent): RejectedEvent {
  const { kind = '', key = null } = reported?.record ?? {};
  const { keyProperty } = requireRecordKind(kind);
  return {
    messageId: event.messageId,
    code: 'RECORD_OF_OTHER_CUSTOMER',
    message: `properties.${keyProperty}: ${JSON.stringify(key)} belongs to another customer; the event is stored and changes nothing else`,
    receivedAt: event.receivedAt,
    keyId: event.keyId,
    ...toRejectedText(asCall(event)),
  };
}

/** The event as a tracking call. */
function asCall(event: Event) {
  const idOf = (kind: string) => event.names.find((one) => one.kind === kind)?.value;
  const { kind: type, messageId, properties, context } = event;
  return {
    ...{ type, event: event.name, messageId, properties, context },
    ...{ userId: idOf('user_id'), anonymousId: idOf('anonymous_id') },
    timestamp: event.reportedAt ?? event.occurredAt,
  };
}
