import { createHash } from 'node:crypto';

/**
 * The id under which a line is imported: the same for the same line at the same place of the same
 * source, whenever and however often it is sent.
 */
// The line number makes two identical lines two orders. The text keeps another month's file of the
// same name apart, and a file that was only appended to keeps its earlier ids, so importing it again
// adds what is new. Not in here: mapping, time zone and server, because with another mapping the
// same line is still the same order.
export function messageId(source: string, { line, text }: { line: number; text: string }): string {
  const hash = createHash('sha256').update(JSON.stringify([source, line, text]));
  return `import-${hash.digest('base64url').slice(0, 32)}`;
}
