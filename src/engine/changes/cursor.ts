import { InvalidInput } from '../../platform/errors.ts';

/**
 * A place in a workspace's change log: everything up to `position` was seen. The epoch is the random
 * id of that log, so that a cursor of a log that was replaced can never point at other facts.
 */
export interface Cursor {
  epoch: string;
  position: bigint;
}

export const formatCursor = ({ epoch, position }: Cursor) => `${epoch}.${position}`;

const shape = /^([0-9a-z]{8,32})\.(0|[1-9]\d{0,17})$/;

/** @throws InvalidInput when the text was not made by `formatCursor`. */
export function parseCursor(text: string): Cursor {
  const [, epoch, position] = shape.exec(text) ?? [];
  if (epoch === undefined || position === undefined) {
    throw new InvalidInput('That is not a cursor. Pass a `cursor` exactly as you received it.');
  }
  return { epoch, position: BigInt(position) };
}
