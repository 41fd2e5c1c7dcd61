import { createContextCache } from '@pothos/core';
import { clearAllDataLoaders } from '@pothos/plugin-dataloader';
import DataLoader from 'dataloader';
import type { RequestContext } from './context.ts';

const forget: Array<(ctx: RequestContext) => void> = [clearAllDataLoaders];

/** Something read at most once per operation, whoever asks for it. */
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
 * Collects the keys that one level of an operation asks for and loads them together, those with equal
 * arguments in one go. Arguments rather than the place in the query decide: two fragments may ask for
 * the same field at the same place with different arguments.
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
 * To be awaited before every call that writes: ends the operation's own transaction, which nobody may
 * hold while waiting for another one, and drops what was read before the write.
 */
export async function leaveSnapshot(ctx: RequestContext): Promise<void> {
  await ctx.release();
  for (const drop of forget) drop(ctx);
}
