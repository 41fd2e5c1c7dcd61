import { expect, it } from 'vitest';
import { pairKey } from '../../../src/engine/customers/merge-customers.ts';
import type { Name, NameKind, StatedAddress } from '../../../src/engine/customers/names.ts';
import { createNameResolver, type KnownName } from '../../../src/engine/customers/resolve-names.ts';

const kinds: Record<string, NameKind> = { u: 'user_id', e: 'email', a: 'anonymous_id' };

/** `u1` is a user id, `e1` an e-mail address, `a1` an anonymous id. */
const name = (text: string): Name => ({
  kind: kinds[text.charAt(0)] ?? 'external:crm',
  value: text,
});
const names = (text: string, statedAddress?: StatedAddress) => ({
  names: text.split(' ').map(name),
  previousId: null,
  statedAddress,
});
const alias = (text: string, previousId: string) => ({ ...names(text), previousId });

/** Each identity with the customer it was assigned to and, after a slash, that customer's survivor. */
function start(known: Record<string, string> = {}, separated: Array<[string, string]> = []) {
  const users = new Set(
    Object.entries(known).flatMap(([text, ids]) => (text.startsWith('u') ? survivorIn(ids) : [])),
  );
  const entries = Object.entries(known).map(
    ([text, ids]): KnownName => ({
      name: name(text),
      customerId: ids.split('/')[0] ?? '',
      survivorId: survivorIn(ids),
      survivorIsUser: users.has(survivorIn(ids)),
      statedAddress: undefined,
    }),
  );
  let created = 0;
  const apart = new Set(separated.map(([a, b]) => pairKey(a, b)));
  return createNameResolver(entries, apart, () => `N${++created}`);
}

const survivorIn = (ids: string) => ids.split('/').at(-1) ?? '';

it('creates one customer for a new identity', () => {
  const resolver = start();

  const first = resolver.resolve(names('u1 a1'));
  const second = resolver.resolve(names('a1'));

  expect(first).toEqual({
    customerId: 'N1',
    survivorId: 'N1',
    isNew: true,
    attached: [name('u1'), name('a1')],
    merges: [],
  });
  expect(second).toMatchObject({ survivorId: 'N1', isNew: false, attached: [] });
});

it.each([
  ['merges a visitor into the user of the same call', { u1: 'B', a1: 'A' }, 'u1 a1', 'B', ['A']],
  [
    'merges a visitor into the user with the same e-mail address',
    { u1: 'B', e1: 'B', a1: 'A' },
    'e1 a1',
    'B',
    ['A'],
  ],
  ['keeps the older of two visitors', { e1: 'B', a1: 'A' }, 'e1 a1', 'A', ['B']],
  ['turns a visitor into the new user', { a1: 'A' }, 'u9 a1', 'A', []],
  ['merges visitors of a new user into the oldest', { e1: 'B', a1: 'A' }, 'u9 e1 a1', 'A', ['B']],
  ['does not merge two users who share a device', { u1: 'A', u2: 'B', a1: 'B' }, 'u1 a1', 'A', []],
  ['does not merge a new user with another user', { u1: 'A', a1: 'A' }, 'u9 a1', 'N1', []],
  [
    'does not merge two users who share an e-mail address',
    { u1: 'A', e1: 'A', u2: 'B', a2: 'B' },
    'e1 a2',
    'A',
    [],
  ],
  [
    'merges three customers in one call',
    { u1: 'C', e1: 'A', a1: 'B' },
    'u1 e1 a1',
    'C',
    ['A', 'B'],
  ],
  ['follows earlier merges', { u1: 'B', a1: 'A/B', e1: 'C' }, 'e1 a1', 'B', ['C']],
])('%s', (_what, known, called, survivorId, merged) => {
  const resolution = start(known).resolve(names(called));

  expect(resolution.survivorId).toBe(survivorId);
  expect(resolution.merges).toEqual(merged.map((from) => ({ from, into: survivorId })));
});

it('assigns an event to the customer of its strongest identity', () => {
  const resolver = start({ u1: 'B', a1: 'A/B' });

  expect(resolver.resolve(names('a1'))).toMatchObject({ customerId: 'A', survivorId: 'B' });
  expect(resolver.resolve(names('u1 a1'))).toMatchObject({ customerId: 'B', survivorId: 'B' });
});

it('resolves merges within a batch', () => {
  const resolver = start({ u1: 'C', e1: 'B', a1: 'A' });

  resolver.resolve(names('e1 a1'));
  const { merges } = resolver.resolve(names('u1 e1'));

  expect(merges).toEqual([{ from: 'A', into: 'C' }]);
  expect(resolver.resolve(names('a1'))).toMatchObject({ customerId: 'A', survivorId: 'C' });
  expect(resolver.resolve(names('e1'))).toMatchObject({ customerId: 'B', survivorId: 'C' });
});

it('keeps an identity with its customer', () => {
  const resolver = start({ u1: 'A', a1: 'A' });

  expect(resolver.resolve(names('u2 a1'))).toMatchObject({ attached: [name('u2')] });
  expect(resolver.resolve(names('a1'))).toMatchObject({ survivorId: 'A' });
});

it('does not repeat an undone merge', () => {
  const resolver = start({ e1: 'A', a1: 'B' }, [['A', 'B']]);

  expect(resolver.resolve(names('e1 a1'))).toMatchObject({ survivorId: 'A', merges: [] });
});

it('keeps customers separate in later events after an undone merge', () => {
  const resolver = start({ e1: 'A', a1: 'B', u1: 'C' }, [['A', 'B']]);

  resolver.resolve(names('u1 e1'));

  expect(resolver.resolve(names('u1 a1'))).toMatchObject({ survivorId: 'C', merges: [] });
});

it('does not merge two separated customers by one event', () => {
  const resolver = start({ u1: 'C', e1: 'A', a1: 'B' }, [['A', 'B']]);

  expect(resolver.resolve(names('u1 e1 a1'))).toMatchObject({ merges: [{ from: 'A', into: 'C' }] });
});

it.each([
  ['two users', { u1: 'A', u2: 'B' }, 'u1', 'u2', 'A', ['B']],
  ['a user and a visitor', { u1: 'A', a1: 'B' }, 'u1', 'a1', 'A', ['B']],
  ['a new user id and a user', { u1: 'A' }, 'u9', 'u1', 'A', []],
  [
    'a new user id on the device of another user',
    { u1: 'A', a1: 'A', u2: 'B' },
    'u9 a1',
    'u2',
    'B',
    [],
  ],
  ['two identities of one customer', { u1: 'A', a1: 'A' }, 'u1', 'a1', 'A', []],
  ['two unknown identities', {}, 'u1', 'a1', 'N1', []],
])('alias merges %s', (_what, known, called, previous, survivorId, merged) => {
  const resolution = start(known).resolve(alias(called, previous));

  expect(resolution.survivorId).toBe(survivorId);
  expect(resolution.merges).toEqual(merged.map((from) => ({ from, into: survivorId })));
});

it('alias merges separated customers again', () => {
  const resolver = start({ u1: 'A', u2: 'B' }, [['A', 'B']]);

  expect(resolver.resolve(alias('u1', 'u2')).merges).toEqual([{ from: 'B', into: 'A' }]);
});

it('alias assigns an unknown previous id to the customer as an anonymous id', () => {
  const resolver = start({ u1: 'A' });

  expect(resolver.resolve(alias('u1', 'a7')).attached).toEqual([name('a7')]);
  expect(resolver.resolve(names('a7'))).toMatchObject({ survivorId: 'A', isNew: false });
});

it('resolves an edit by the ids of its customers, and attaches an address without a merge', () => {
  const known = (customerId: string, survivorId = customerId) => ({
    ...{ customerId, survivorId, survivorIsUser: true, statedAddress: undefined },
  });
  const held: KnownName = { name: name('e1'), ...known('B') };
  const resolver = createNameResolver([held], new Set(), () => 'N', [known('A', 'C'), known('B')]);

  const edit = resolver.resolve({ ...names('e1'), customerIds: ['A'] });
  const merge = resolver.resolve({
    names: [],
    previousId: null,
    statedAddress: undefined,
    customerIds: ['B', 'A'],
  });

  expect(edit).toEqual({
    ...{ customerId: 'C', survivorId: 'C', isNew: false },
    ...{ attached: [name('e1')], merges: [] },
  });
  expect(merge).toMatchObject({ survivorId: 'B', merges: [{ from: 'C', into: 'B' }] });
});
