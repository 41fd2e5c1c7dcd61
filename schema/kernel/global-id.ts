import { NotFound } from '../../src/platform/errors.ts';

/** The global id of a thing: its type and its key, never its workspace. */
export const formatGlobalId = (type: string, key: string) =>
  Buffer.from(`${type}:${key}`).toString('base64url');

export interface GlobalId {
  type: string;
  key: string;
}

const shape = /^([A-Z][A-Za-z]*):(.+)$/s;

/** Undefined for whatever was not made by `formatGlobalId`. */
export function parseGlobalId(text: string): GlobalId | undefined {
  const [, type, key] = shape.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return type === undefined || key === undefined ? undefined : { type, key };
}

export const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Asked before a text is compared with a uuid column: PostgreSQL refuses whatever else there is. */
export const isUuid = (text: string) => uuidPattern.test(text);

/**
 * The uuid that a global id of the type, or the uuid itself, stands for. Undefined for anything else,
 * which is to be answered like a thing that does not exist.
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
