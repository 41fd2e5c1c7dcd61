import type { InputFieldMap } from '@pothos/core';
import type { Interest, Topic } from '../../src/engine/changes/topic.ts';
import { joinSql, type Sql } from '../../src/platform/sql.ts';
import type { Arg } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';

/** Arguments that a domain adds to every list and stream of changes, and what they stand for. */
interface ChangeArguments {
  args: (arg: Arg) => InputFieldMap;
  /** A condition on the change `entry`; undefined where the arguments are absent. */
  toCondition: (ctx: RequestContext, args: object) => Promise<Sql | undefined>;
  /** The topics of which a delivered change has at least one; undefined where the arguments are absent. */
  toTopics: (ctx: RequestContext, args: object) => Promise<readonly Topic[] | undefined>;
}

const added: ChangeArguments[] = [];

export const addChangeArguments = (these: ChangeArguments) => added.push(these);

/** The arguments that the loaded domains add. Called while the schema is built, after all of them are loaded. */
export const changeArguments = (arg: Arg): object =>
  Object.assign({}, ...added.map(({ args }) => args(arg)));

/** The part of a request that limits which customers' changes are read. */
export async function toChangeLimits(ctx: RequestContext, args: object): Promise<{ where?: Sql }> {
  const conditions = await Promise.all(added.map(({ toCondition }) => toCondition(ctx, args)));
  const present = conditions.filter((one) => one !== undefined);
  return present.length > 0 ? { where: joinSql(present, ' and ') } : {};
}

/** The same for a stream. */
export async function toClauses(ctx: RequestContext, args: object): Promise<Interest> {
  const clauses = await Promise.all(added.map(({ toTopics }) => toTopics(ctx, args)));
  return clauses.filter((one) => one !== undefined);
}
