import { parse } from 'csv-parse/sync';
import { LineRejected } from './line-rejected.ts';

/** What separates columns; `blank` is a run of blanks or tabs, those at the line's start ignored. */
export type Delimiter = ',' | ';' | '\t' | '|' | 'blank';

const quotedOrBare = /"(?:[^"]|"")*"|\S+/g;

/** Splits the text of one record into trimmed fields. */
export function splitFields(text: string, delimiter: Delimiter): string[] {
  if (delimiter === 'blank') return (text.match(quotedOrBare) ?? []).map(unquote);
  // Few lines have quotes; a parser for every line would cost ten times as much as the rest.
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim());
  return splitQuoted(text, delimiter);
}

/** Whether the text ends inside a quoted field, so that the record continues in the next line. */
export function isQuoteOpen(text: string, delimiter: Delimiter): boolean {
  if (delimiter === 'blank') return false;
  let open = false;
  let quoted = false;
  let atStart = true;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      // Inside a quoted field, a doubled quote closes and reopens it.
      open = !open && (atStart || (quoted && text[at - 1] === '"'));
      quoted ||= open;
      atStart = false;
    } else if (!open) {
      atStart = char === delimiter || (atStart && char === ' ');
      quoted &&= char !== delimiter;
    }
  }
  return open;
}

function splitQuoted(text: string, delimiter: string) {
  try {
    const options = { delimiter, relax_quotes: true, relax_column_count: true, trim: true };
    const records: string[][] = parse(text, { ...options, record_delimiter: ['\u0000'] });
    return (records[0] ?? []).map((field) => field.trim());
  } catch (cause) {
    throw new LineRejected('the quotation marks do not match', { cause });
  }
}

const unquote = (field: string) =>
  field.startsWith('"') && field.endsWith('"') && field.length > 1
    ? field.slice(1, -1).replaceAll('""', '"').trim()
    : field;
