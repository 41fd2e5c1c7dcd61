import { expect, it } from 'vitest';
import { InvalidInput, RateLimited } from '../../../src/platform/errors.ts';
import { createFailureReport, toDomainError } from '../../../src/platform/failures.ts';
import { createLog } from '../../../src/platform/log.ts';

const pgError = (code: string) => Object.assign(new Error('as PostgreSQL says it'), { code });

/** The error as Prisma's adapter forwards it: in a query, and at the start of a transaction. */
const throughPrisma = (cause: object) => [
  Object.assign(new Error('Raw query failed'), {
    code: 'P2010',
    meta: { driverAdapterError: Object.assign(new Error('DriverAdapterError'), { cause }) },
  }),
  Object.assign(new Error('DriverAdapterError'), { cause }),
];

const forms = (code: string, kind = 'postgres') => [
  pgError(code),
  new Error('outermost', { cause: pgError(code) }),
  ...throughPrisma({ kind, originalCode: code, ...(kind === 'postgres' && { code }) }),
];

const codeOf = (error: unknown) => toDomainError(error)?.code;

it.each([
  '08000',
  '08006',
  '25006',
  '25P03',
  '28000',
  '3D000',
  '40001',
  '40P01',
  '53100',
  '53200',
  '53300',
  '53400',
  '55000',
  '55006',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '58030',
])('reports SQLSTATE %s as an unavailable database in every form', (state) => {
  expect(forms(state).map(codeOf)).toEqual(forms(state).map(() => 'STORAGE_UNAVAILABLE'));
});

it.each([
  ['TooManyConnections', '53300'],
  ['DatabaseDoesNotExist', '3D000'],
  ['DatabaseAccessDenied', '28000'],
  ['AuthenticationFailed', '28P01'],
])("recognises Prisma's error kind %s", (kind, state) => {
  expect(forms(state, kind).map(codeOf)).toEqual(forms(state).map(() => 'STORAGE_UNAVAILABLE'));
  expect(throughPrisma({ kind }).map(codeOf)).toEqual([
    'STORAGE_UNAVAILABLE',
    'STORAGE_UNAVAILABLE',
  ]);
});

it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'P1001', 'P1017'])(
  'reports %s as a lost connection',
  (code) => {
    expect(codeOf(pgError(code))).toBe('STORAGE_UNAVAILABLE');
  },
);

it('reports a statement canceled by its timeout as too slow', () => {
  expect(forms('57014').map(codeOf)).toEqual(forms('57014').map(() => 'QUERY_TOO_SLOW'));
  const expired = 'A query cannot be executed on an expired transaction.';
  expect(codeOf(Object.assign(new Error(expired), { code: 'P2028' }))).toBe('QUERY_TOO_SLOW');
});

it.each([
  '42501',
  '42P01',
  '42601',
  '22003',
  '22P02',
  '23505',
  '25P02',
  'XX000',
  'ENOENT',
  'P2002',
])('reports %s in a statement as a bug', (code) => {
  expect(forms(code).map(codeOf)).toEqual(forms(code).map(() => undefined));
});

it('finds a refusal in the causes of an error', () => {
  const refusal = new RateLimited('Too many.');

  expect(toDomainError(new Error('outer', { cause: refusal }))).toBe(refusal);
  expect(toDomainError(Object.assign(new Error('x'), { originalError: refusal }))).toBe(refusal);
});

it.each([undefined, null, 0, 'text', {}, Object.assign(new Error('own'), { cause: 1 })])(
  'reports %o as a bug',
  (thrown) => {
    expect(toDomainError(thrown)).toBeUndefined();
  },
);

it('terminates for errors that cause each other', () => {
  const error = new Error('own');
  error.cause = error;

  expect(toDomainError(error)).toBeUndefined();
});

it('gives the same bug one incident id and another bug another id', () => {
  const report = createFailureReport(createLog('silent'));
  const bug = new TypeError('x is undefined');

  expect(report(bug)).toBe(report(bug));
  expect(report(bug)).not.toBe(report(new TypeError('x is undefined')));
  expect(report(new InvalidInput('no')).code).toBe('INVALID_INPUT');
});
