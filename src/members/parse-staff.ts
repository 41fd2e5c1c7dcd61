import { InvalidInput } from '../platform/errors.ts';

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');

/** @throws InvalidInput */
export function parseName(what: 'member' | 'team', text: string): string {
  const name = text.trim();
  if (name.length >= 1 && name.length <= 100 && isStorable(name)) return name;
  throw new InvalidInput(`The name of a ${what} must have 1 to 100 characters.`);
}

const address = /^[^\s@]+@[^\s@]+$/;

/** Converts an address to lower case, because case is irrelevant. @throws InvalidInput */
export function parseEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length <= 254 && address.test(email) && isStorable(email)) return email;
  throw new InvalidInput('The e-mail of a member must be an address such as "ada@example.com".');
}

/** Undefined for a missing or blank reason. @throws InvalidInput */
export function parseReason(text: string | undefined): string | undefined {
  const reason = text?.trim() ?? '';
  if (reason.length <= 500 && isStorable(reason)) return reason === '' ? undefined : reason;
  throw new InvalidInput('A reason must have at most 500 characters.');
}
