import { expect, it } from 'vitest';
import { freeName, isSameName, parseWorkspaceName } from '../../../src/access/workspace-name.ts';
import { InvalidInput } from '../../../src/platform/errors.ts';

it('trims a name and normalises it to composed form', () => {
  expect(parseWorkspaceName('  Cafe\u0301 Noir ')).toBe('Café Noir');
});

it.each([
  ['empty', '  '],
  ['too long', 'x'.repeat(101)],
  ['with a line break', 'a\nb'],
  ['with half a surrogate pair', 'a\ud800'],
  ['in the format of an id', '019af0f6-8a3c-7d0e-9c56-6f6a3f0f1a2b'],
])('refuses a name that is %s', (_what, name) => {
  expect(() => parseWorkspaceName(name)).toThrow(InvalidInput);
});

it('considers names equal regardless of case and normal form', () => {
  expect(isSameName('CAFÉ', 'cafe\u0301 ')).toBe(true);
  expect(isSameName('Cafe', 'Café')).toBe(false);
});

it('appends the first number that makes a name free', () => {
  const named = (...names: string[]) => names.map((name) => ({ name }));

  expect(freeName('Main', named('Demo'))).toBe('Main');
  expect(freeName('Main', named('main', 'Main (2)'))).toBe('Main (3)');
});
