import { InvalidInput } from '../../platform/errors.ts';

/**
 * A position in a workspace's change log. The epoch is the log's random id, so that a cursor does not match a log that
 * replaced it.
 */
export interface Cursor {
  epoch: string;
  position: bigint;
}

export const formatCursor = ({ epoch, position }: Cursor) => `${epoch}.${position}`;

const shape = /^([0-9a-z]{8,32})\.(0|[1-9]\d{0,17})$/;

/** @throws InvalidInput if `formatCursor` did not create the text */
export function parseCursor(text: string): Cursor {
  const [, epoch, position] = shape.exec(text) ?? [];
  if (epoch === undefined || position === undefined) {
    throw new InvalidInput('Not a cursor. Pass a `cursor` exactly as you received it.');
  }
  return { epoch, position: BigInt(position) };
}
