import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashSecret, isSecret, newApiKey, parseApiKey } from '../../../src/access/api-key.ts';

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

it.each(['live', 'test'] as const)(
  'generates a %s key with its environment in the prefix',
  (environment) => {
    const { key } = newApiKey(environment);

    expect(key).toMatch(
      new RegExp(`^stl_${environment}_[0-9A-Za-z]{10}_[0-9A-Za-z]{32}[0-9A-Za-z]{6}$`),
    );
  },
);

it('parses a key into its id and secret', () => {
  const { key, id, secret } = newApiKey('live');

  expect(parseApiKey(key)).toEqual({ id, secret });
});

it('generates secrets of at least 160 random bits', () => {
  const secrets = Array.from({ length: 2_000 }, () => newApiKey('live').secret);

  const letters = new Set(secrets.join(''));
  const bits = secrets.map(({ length }) => length * Math.log2(letters.size));

  expect(new Set(secrets).size).toBe(secrets.length);
  expect([...letters].sort().join('')).toBe([...alphanumeric].sort().join(''));
  expect(Math.min(...bits)).toBeGreaterThanOrEqual(160);
});

it('draws every character of a secret from the whole alphabet', () => {
  const secrets = Array.from({ length: 2_000 }, () => newApiKey('live').secret);

  const seen = Array.from({ length: 32 }, (_, at) => new Set(secrets.map((text) => text[at])).size);

  expect(seen).toEqual(Array.from({ length: 32 }, () => alphanumeric.length));
});

it('refuses a key with one mistyped character', () => {
  const { key } = newApiKey('live');
  const place = fc.integer({ min: 0, max: key.length - 1 });
  const character = fc.constantFrom(...alphanumeric, '_', '-', ' ', '\n');

  fc.assert(
    fc.property(place, character, (at, other) => {
      fc.pre(key[at] !== other);

      expect(parseApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
    }),
  );
});

it('refuses a key with two adjacent characters swapped', () => {
  const { key } = newApiKey('live');
  const swapped = [...key].map((_, at) =>
    [key.slice(0, at), key[at + 1] ?? '', key[at], key.slice(at + 2)].join(''),
  );

  const accepted = swapped.filter((text) => text !== key && parseApiKey(text) !== undefined);

  expect(accepted).toEqual([]);
});

it.each([
  ['nothing', ''],
  ['a prefix alone', 'stl_live_'],
  ['a key that lacks its checksum', newApiKey('live').key.slice(0, -6)],
  ['a key with something behind it', `${newApiKey('live').key}0`],
  ['a key with a line break behind it', `${newApiKey('live').key}\n`],
  ['a key with something before it', ` ${newApiKey('live').key}`],
  ['a key of another environment', newApiKey('live').key.replace('_live_', '_test_')],
])('refuses %s', (_what, text) => {
  expect(parseApiKey(text)).toBeUndefined();
});

it('refuses any other text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    }),
  );
});

it('verifies a secret by its hash and refuses any other', () => {
  const { secret } = newApiKey('live');
  const hash = hashSecret(secret);

  expect(isSecret(secret, hash)).toBe(true);
  expect(isSecret(newApiKey('live').secret, hash)).toBe(false);
  expect(hash.toString('latin1')).not.toContain(secret);
});
