import { expect, it } from 'vitest';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import { explainConnectFailure } from '../../../src/platform/unreachable-database.ts';

const url = 'postgresql://clerk:hidden@db.example.com/orders';

it('names database, host, port and user in the error, but not the password', () => {
  const { message } = explainConnectFailure(url, new Error('the server said no'));

  expect(message).toContain('"orders" at db.example.com:5432 as user "clerk": the server said no');
  expect(message).not.toContain('hidden');
});

it('reports the innermost cause, by its code if it has no message', () => {
  const everyAddress = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });

  const { message } = explainConnectFailure(url, new StorageUnavailable({ cause: everyAddress }));

  expect(message).toContain(': ECONNREFUSED. Start PostgreSQL');
});
