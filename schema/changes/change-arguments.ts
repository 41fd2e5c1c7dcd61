import type { InputFieldMap } from '@pothos/core';
import type { FollowRequest } from '../../src/engine/changes/hub.ts';
import type { Arg } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';

/** The part of a request that limits which customers' changes are read. */
type ChangeLimits = Pick<FollowRequest, 'segmentId'>;

/** Arguments that a domain adds to every list and stream of changes, and what they stand for. */
interface ChangeArguments {
  args: (arg: Arg) => InputFieldMap;
  toLimits: (ctx: RequestContext, args: object) => Promise<ChangeLimits>;
}

const added: ChangeArguments[] = [];

export const addChangeArguments = (these: ChangeArguments) => added.push(these);

/** The arguments that the loaded domains add. Called while the schema is built, after all of them are loaded. */
export const changeArguments = (arg: Arg): object =>
  Object.assign({}, ...added.map(({ args }) => args(arg)));

export async function toChangeLimits(ctx: RequestContext, args: object): Promise<ChangeLimits> {
  const limits = await Promise.all(added.map(({ toLimits }) => toLimits(ctx, args)));
  return Object.assign({}, ...limits);
}
