import { createContextCache } from '@pothos/core';
import { clearAllDataLoaders } from '@pothos/plugin-dataloader';
import DataLoader from 'dataloader';
import type { RequestContext } from './context.ts';

const forget: Array<(ctx: RequestContext) => void> = [clearAllDataLoaders];

/** A value that is loaded at most once per operation. */
export function perOperation<T>(create: (ctx: RequestContext) => T): (ctx: RequestContext) => T {
  const cache = createContextCache((ctx: RequestContext) => create(ctx));
  forget.push(cache.delete);
  return (ctx) => cache(ctx);
}

type Load<Value, Args> = (
  ctx: RequestContext,
  keys: readonly string[],
  args: Args,
) => Promise<Map<string, Value>>;

/**
 * Collects the keys that one level of an operation requests and loads those with equal arguments together.
 * Arguments rather than the position in the query decide, because two fragments may select the same field
 * at the same position with different arguments.
 */
export function createBatch<Value, Args = undefined>(load: Load<Value, Args>) {
  const loaders = perOperation(() => new Map<string, DataLoader<string, Value | undefined>>());
  return (ctx: RequestContext, key: string, args: Args): Promise<Value | undefined> => {
    const name = JSON.stringify(args) ?? '';
    let loader = loaders(ctx).get(name);
    if (!loader) {
      loader = new DataLoader(async (keys) => {
        const found = await load(ctx, keys, args);
        return keys.map((wanted) => found.get(wanted));
      });
      loaders(ctx).set(name, loader);
    }
    return loader.load(key);
  };
}

/**
 * Await it before every call that writes. It ends the operation's own transaction, which must not be held
 * while waiting for another one, and drops everything loaded before the write.
 */
export async function leaveSnapshot(ctx: RequestContext): Promise<void> {
  await ctx.release();
  for (const drop of forget) drop(ctx);
}
