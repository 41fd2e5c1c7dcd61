import { NotFound } from '../../src/platform/errors.ts';

/** The global id of an object: its type and its key, without the workspace. */
export const formatGlobalId = (type: string, key: string) =>
  Buffer.from(`${type}:${key}`).toString('base64url');

export interface GlobalId {
  type: string;
  key: string;
}

const shape = /^([A-Z][A-Za-z]*):(.+)$/s;

/** Undefined unless the text has the form of `formatGlobalId`. */
export function parseGlobalId(text: string): GlobalId | undefined {
  const [, type, key] = shape.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return type === undefined || key === undefined ? undefined : { type, key };
}

export const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Check a text with this before comparing it with a uuid column: PostgreSQL rejects other texts. */
export const isUuid = (text: string) => uuidPattern.test(text);

/**
 * The uuid in a global id of the type, or the uuid itself. Undefined for anything else, which is treated
 * like an id that does not exist.
 */
export function parseUuid(type: string, text: string): string | undefined {
  const plain = text.toLowerCase();
  if (isUuid(plain)) return plain;
  const id = parseGlobalId(text);
  return id?.type === type && isUuid(id.key) ? id.key : undefined;
}

/** @throws NotFound for a text that cannot be the id of the type */
export function requireUuid(type: string, text: string): string {
  const id = parseUuid(type, text);
  if (id === undefined) throw new NotFound(type.toLowerCase());
  return id;
}

/** True for a text that PostgreSQL can hold: no NUL, no half of a surrogate pair. */
export const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
