import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const random = (length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = alphabet[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** The two parts of a key: the id identifies it, the secret (about 190 random bits) proves it. */
export interface KeyParts {
  id: string;
  secret: string;
}

/**
 * Generates a key: `stl_live_<id>_<secret><checksum>`. Secret scanners recognise the prefix of a leaked key;
 * with the checksum a mistyped key is refused without a database query.
 */
export function newApiKey(environment: 'live' | 'test'): KeyParts & { key: string } {
  const id = random(10);
  const secret = random(32);
  const body = `stl_${environment}_${id}_${secret}`;
  return { id, secret, key: body + checksum(body) };
}

const shape = /^(stl_(?:live|test)_([0-9A-Za-z]{10})_([0-9A-Za-z]{32}))([0-9A-Za-z]{6})$/;

/** The parts of a well-formed key, undefined for anything else. */
export function parseApiKey(key: string): KeyParts | undefined {
  const [, body, id, secret, sum] = shape.exec(key) ?? [];
  if (!body || !id || !secret || checksum(body) !== sum) return undefined;
  return { id, secret };
}

/** A fast hash suffices, because a random secret cannot be guessed. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const isSecret = (secret: string, hash: Uint8Array) =>
  timingSafeEqual(hashSecret(secret), hash);
