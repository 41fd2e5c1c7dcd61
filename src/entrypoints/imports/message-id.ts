import { createHash } from 'node:crypto';

/**
 * The message id of a line: the same whenever the same line at the same position of the same source is sent.
 */
// The line number makes two identical lines two orders. The text distinguishes files of the same name, such as those
// of two months. When lines are appended to a file, the ids of earlier lines do not change, so that a second import adds only the new
// ones. Mapping, time zone and server are not included: with another mapping a line is still the same order.
export function messageId(source: string, { line, text }: { line: number; text: string }): string {
  const hash = createHash('sha256').update(JSON.stringify([source, line, text]));
  return `import-${hash.digest('base64url').slice(0, 32)}`;
}
