import type { GenericInputFieldRef } from '@pothos/core';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { loadVocabulary } from '../../src/engine/conditions/vocabulary.ts';
import { type Explanation, explain } from '../../src/engine/conditions/why.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { Event, findEvent } from '../customers/event.ts';
import { builder, type InputField } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { CustomerFilter, type FilterInput, toFilter } from './filter.ts';

const MissingEvents = builder
  .objectRef<NonNullable<Explanation['missing']>>('MissingEvents')
  .implement({
    description: 'What would have to happen for a clause to hold.',
    fields: (t) => ({
      events: t.exposeStringList('events', {
        description: 'Any of these; empty where every event counts.',
      }),
      count: t.exposeInt('count', { description: 'So many of them.' }),
    }),
  });

const ClauseExplanation = builder.objectRef<Explanation>('ClauseExplanation').implement({
  description: 'One clause of a filter, or a part made of others, answered for one customer.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description:
        'Where it stands in the filter, such as "all.0.not"; empty for the whole. A segment is followed by the clauses of its own filter.',
    }),
    clause: t.field({
      type: 'JSON',
      description: 'The clause as it was written.',
      resolve: ({ clause }) => clause,
    }),
    holds: t.exposeBoolean('holds'),
    actual: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The value that was compared: a fact, a trait, a measure of events, a stage. Null for a part made of others, and where there is none.',
      resolve: ({ actual }) => actual,
    }),
    evidence: t.field({
      type: [Event],
      description:
        'The events that the answer rests on, newest first, at most 100: without them it would be the other one. None where it rests on something not having happened.',
      resolve: async ({ eventIds }, _args, ctx) => {
        const events = await Promise.all(eventIds.map((id) => findEvent(ctx, id)));
        return events.filter((event) => event !== undefined);
      },
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the answer may next change if nothing happens; null for never.',
      resolve: ({ nextChangeAt }) => nextChangeAt,
    }),
    missing: t.field({
      type: MissingEvents,
      nullable: true,
      description: 'For a count that is not reached: which events are missing, and how many.',
      resolve: ({ missing }) => missing,
    }),
  }),
});

interface Answered {
  at: Date;
  clauses: Explanation[];
}

const Why = builder.objectRef<Answered>('Why').implement({
  description: 'Why a filter holds for a customer, or does not, clause by clause.',
  fields: (t) => ({
    holds: t.boolean({ resolve: ({ clauses }) => clauses[0]?.holds ?? false }),
    at: t.field({
      type: 'DateTime',
      description: 'The instant for which it is answered.',
      resolve: ({ at }) => at,
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the answer may next change if nothing happens; null for never.',
      resolve: ({ clauses }) => clauses[0]?.nextChangeAt ?? null,
    }),
    clauses: t.field({
      type: [ClauseExplanation],
      description: 'The whole filter first, then each part followed by the parts it is made of.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ clauses }) => clauses,
    }),
  }),
});

/** Something of a later domain that has a filter which can be explained. */
interface WhySubject<Value> {
  field: (t: InputField) => GenericInputFieldRef;
  toFilter: (ctx: RequestContext, value: Value) => Promise<Filter>;
}

const subjects = new Map<string, WhySubject<never>>();

/** Adds a field to `WhyInput`. */
export const addWhySubject = <Value>(name: string, subject: WhySubject<Value>) =>
  subjects.set(name, subject as unknown as WhySubject<never>);

type WhySubjects = { where?: FilterInput | null } & Record<string, unknown>;

const WhyInput = builder.inputRef<WhySubjects>('WhyInput').implement({
  description: 'What to explain.',
  isOneOf: true,
  fields: (t) => ({
    where: t.field({ type: CustomerFilter, description: 'Any filter.' }),
    ...Object.fromEntries([...subjects].map(([name, { field }]) => [name, field(t)])),
  }),
});

async function filterOf(ctx: RequestContext, of: WhySubjects): Promise<Filter> {
  if (of.where) return toFilter(of.where);
  for (const [name, subject] of subjects) {
    if (of[name] != null) return subject.toFilter(ctx, of[name] as never);
  }
  throw new InvalidInput('`of` is empty. Pass one of its fields.');
}

builder.prismaObjectField('Customer', 'why', (t) =>
  t.field({
    type: Why,
    description:
      'Why a filter, a segment or the rule of a stage holds for the customer, or does not: clause by clause, with the actual values, the events behind them, and what would change the answer.',
    complexity: { field: 20, multiplier: 1 },
    args: { of: t.arg({ type: WhyInput, required: true }) },
    resolve: async ({ id, mergedInto, evaluatedAt }, { of }, ctx) => {
      if (mergedInto !== null) {
        throw new InvalidInput('A merged customer is in no segment or stage: ask its survivor.');
      }
      const filter = await filterOf(ctx, of);
      const sql = sqlThrough(ctx.tx);
      const vocabulary = await loadVocabulary(sql, ctx.workspaceId);
      const at = new Date(Math.max(ctx.now().getTime(), evaluatedAt.getTime()));
      const asker = { workspaceId: ctx.workspaceId, vocabulary };
      return { at, clauses: await explain(sql, asker, filter, { customerId: id, at }) };
    },
  }),
);
