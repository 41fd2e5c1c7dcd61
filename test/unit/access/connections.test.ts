import { expect, it } from 'vitest';
import { createConnections } from '../../../src/access/connections.ts';
import type { Principal } from '../../../src/access/principal.ts';
import type { Database, Transaction } from '../../../src/platform/database.ts';

const principal: Principal = { workspaceId: 'w1', keyId: 'k1', scopes: ['read'] };

/** A database in which exactly these keys are revoked. */
function revokedIn(...ids: string[]): Database {
  const sql = { query: async () => ({ rows: ids.map((id) => ({ id })), rowCount: ids.length }) };
  return {
    inWorkspace: (_workspaceId: string, work: (db: Transaction) => unknown) =>
      work(sql as unknown as Transaction),
  } as unknown as Database;
}

it('closes each connection of a revoked key once', () => {
  const connections = createConnections(revokedIn());
  const closed: string[] = [];
  connections.register(principal, () => closed.push('first'));
  connections.register(principal, () => closed.push('second'));
  connections.register({ ...principal, keyId: 'k2' }, () => closed.push('of another key'));

  connections.revoke('k1');
  connections.revoke('k1');

  expect(closed).toEqual(['first', 'second']);
});

it('does not close a connection that has deregistered', () => {
  const connections = createConnections(revokedIn());
  const closed: string[] = [];
  const deregister = connections.register(principal, () => closed.push('first'));

  deregister();
  connections.revoke('k1');

  expect(closed).toEqual([]);
});

it('detects a revocation without a notification', async () => {
  const connections = createConnections(revokedIn('k1'));
  const closed: string[] = [];
  connections.register(principal, () => closed.push('first'));

  await connections.check();

  expect(closed).toEqual(['first']);
});

it('keeps watching a connection opened while the revoked one before it was closing', async () => {
  const connections = createConnections(revokedIn('k1'));
  const closed: string[] = [];
  const deregister = connections.register(principal, () => closed.push('first'));
  connections.revoke('k1');
  connections.register(principal, () => closed.push('second'));

  deregister();
  await connections.check();

  expect(closed).toEqual(['first', 'second']);
});
