import { LineRejected } from './line-rejected.ts';

const plain = /^-?\d+(\.\d+)?$/;
// What a JSON number keeps exactly on every side: beyond 15 digits a double would round the money.
const mostDigits = 15;

/** Reads a plain decimal such as 12.30; anything that would need guessing is refused. */
export function parseDecimal(text: string): number {
  if (text === '') throw new LineRejected('is empty');
  if (!plain.test(text)) throw new LineRejected(complaint(text));
  const digits = text.replace(/^-?0*|\./g, '');
  if (digits.length > mostDigits) {
    throw new LineRejected(`"${text.slice(0, 40)}" has more than ${mostDigits} digits`);
  }
  return Number(text);
}

function complaint(text: string) {
  const shown = `"${text.slice(0, 40)}"`;
  if (/^-?[\d.]*,[\d.,]*$/.test(text)) {
    return `${shown} has a comma: write numbers without thousands separators, with a decimal point`;
  }
  return `${shown} is not a plain decimal number such as 12.30`;
}
