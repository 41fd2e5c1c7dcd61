import { LineRejected } from './line-rejected.ts';

const plain = /^-?\d+(\.\d+)?$/;
// A double is exact up to 15 digits.
const maxDigits = 15;

/** Parses a plain decimal such as 12.30; refuses ambiguous formats. */
export function parseDecimal(text: string): number {
  if (text === '') throw new LineRejected('is empty');
  if (!plain.test(text)) throw new LineRejected(explain(text));
  const digits = text.replace(/^-?0*|\./g, '');
  if (digits.length > maxDigits) {
    throw new LineRejected(`"${text.slice(0, 40)}" has more than ${maxDigits} digits`);
  }
  return Number(text);
}

function explain(text: string) {
  const shown = `"${text.slice(0, 40)}"`;
  if (/^-?[\d.]*,[\d.,]*$/.test(text)) {
    return `${shown} has a comma: write numbers without thousands separators, with a decimal point`;
  }
  return `${shown} is not a plain decimal number such as 12.30`;
}
