import type { Connection } from '../support/connection.ts';
import { toEpoch } from './clock.ts';

/** When a call was sent and acknowledged, in ms since 1970, and how many changes it makes. */
export interface Acknowledgement {
  sentAt: number;
  answeredAt: number;
  changes: number;
}

/** Sends events as one batch. @throws unless all are accepted */
export async function sendBatch(
  connection: Connection,
  batch: readonly object[],
): Promise<Acknowledgement> {
  const body = Buffer.from(JSON.stringify({ batch }));
  const { text, sentAt, answeredAt } = await connection.post('/v1/batch', body);
  const accepted = text.match(/"accepted"/g)?.length ?? 0;
  if (accepted < batch.length) throw new Error(`Events were refused: ${text.slice(0, 500)}`);
  return { sentAt: toEpoch(sentAt), answeredAt: toEpoch(answeredAt), changes: batch.length };
}

/** Sends one event by itself. @throws unless it is accepted */
export async function sendEvent(
  connection: Connection,
  { type, ...event }: { type: string },
): Promise<Acknowledgement> {
  const body = Buffer.from(JSON.stringify(event));
  const { status, text, sentAt, answeredAt } = await connection.post(`/v1/${type}`, body);
  if (status !== 200) throw new Error(`An event was refused: ${text}`);
  return { sentAt: toEpoch(sentAt), answeredAt: toEpoch(answeredAt), changes: 1 };
}

/** Milliseconds from the acknowledgement of each change to the last subscriber's frame; at least 0. */
export function untilLastFrame(
  acknowledgements: readonly Acknowledgement[],
  lastArrivals: Float64Array,
): number[] {
  const instants = acknowledgements.flatMap(({ answeredAt, changes }) =>
    Array.from({ length: changes }, () => answeredAt),
  );
  return instants.map((answeredAt, change) =>
    Math.max(0, (lastArrivals[change] ?? Number.NaN) - answeredAt),
  );
}
