import { createContextCache } from '@pothos/core';
import { clearAllDataLoaders } from '@pothos/plugin-dataloader';
import DataLoader from 'dataloader';
import type { Tx } from '../../src/platform/database.ts';
import type { RequestContext } from './context.ts';

const forget: Array<(ctx: RequestContext) => void> = [clearAllDataLoaders];

/** A value that is loaded at most once per operation. */
export function perOperation<T>(create: (ctx: RequestContext) => T): (ctx: RequestContext) => T {
  const cache = createContextCache((ctx: RequestContext) => create(ctx));
  forget.push(cache.delete);
  return (ctx) => cache(ctx);
}

type Load<Value, Args extends [unknown?]> = (
  ctx: RequestContext,
  keys: readonly string[],
  ...args: Args
) => Promise<Map<string, Value>>;

/** Loads the value of a key; of null, the key of nothing, none. */
type Find<Value, Args extends [unknown?]> = (
  ctx: RequestContext,
  key: string | null,
  ...args: Args
) => Promise<Value | undefined>;

/**
 * Collects the keys that one level of an operation requests and loads those with equal arguments together.
 * Arguments rather than the position in the query decide, because two fragments may select the same field
 * at the same position with different arguments.
 */
export function createBatch<Value, Args extends [unknown?] = []>(
  load: Load<Value, Args>,
): Find<Value, Args> {
  const loaders = perOperation(() => new Map<string, DataLoader<string, Value | undefined>>());
  return async (ctx, key, ...args) => {
    if (key === null) return undefined;
    const name = JSON.stringify(args);
    let loader = loaders(ctx).get(name);
    if (!loader) {
      loader = new DataLoader(async (keys) => {
        const found = await load(ctx, keys, ...args);
        return keys.map((wanted) => found.get(wanted));
      });
      loaders(ctx).set(name, loader);
    }
    return loader.load(key);
  };
}

/** Loads rows of one table by their ids. */
export const createRowBatch = <Row extends { id: string }>(
  read: (tx: Tx, where: { workspaceId: string; id: { in: string[] } }) => Promise<Row[]>,
) =>
  createBatch<Row>(async ({ tx, workspaceId }, ids) => {
    const rows = await read(tx, { workspaceId, id: { in: [...ids] } });
    return new Map(rows.map((row) => [row.id, row]));
  });

/**
 * Await it before every call that writes. It ends the operation's own transaction, which must not be held
 * while waiting for another one, and drops everything loaded before the write.
 */
export async function leaveSnapshot(ctx: RequestContext): Promise<void> {
  await ctx.release();
  for (const drop of forget) drop(ctx);
}
