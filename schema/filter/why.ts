import type { GenericInputFieldRef } from '@pothos/core';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { loadVocabulary } from '../../src/engine/conditions/vocabulary.ts';
import { type Explanation, explain } from '../../src/engine/evaluation/explain.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { EventNode, findEvent } from '../customers/event.ts';
import { builder, type InputField } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { CustomerFilter, type FilterInput, toFilter } from './filter.ts';

const MissingEvents = builder
  .objectRef<NonNullable<Explanation['missing']>>('MissingEvents')
  .implement({
    description: 'The events that are missing for a clause to match.',
    fields: (t) => ({
      events: t.exposeStringList('events', {
        description: 'Any of these event names. Empty if every event counts.',
      }),
      count: t.exposeInt('count', { description: 'The number of missing events.' }),
    }),
  });

const ClauseExplanation = builder.objectRef<Explanation>('ClauseExplanation').implement({
  description: 'The evaluation of one clause, or of a group of clauses, for one customer.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description:
        'The path in the filter, such as "all.0.not". Empty for the whole filter. A segment is followed by the clauses of its filter.',
    }),
    clause: t.expose('clause', {
      type: 'JSON',
      description: 'The clause as written.',
    }),
    holds: t.exposeBoolean('holds'),
    actual: t.expose('actual', {
      type: 'JSON',
      nullable: true,
      description:
        'The compared value: a fact, a trait, a measure of events or a stage. Null for groups and absent values.',
    }),
    evidence: t.field({
      type: [EventNode],
      description:
        'The events that decide the result, at most 100: of a count or sum the fewest without which the result would be the opposite; of a time or value the one event that states it. Empty if the absence of events decides.',
      resolve: async ({ eventIds }, _args, ctx) => {
        const events = await Promise.all(eventIds.map((id) => findEvent(ctx, id)));
        return events.filter((event) => event !== undefined);
      },
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the result next changes without further events. Null if never.',
      resolve: ({ nextChangeAt }) => nextChangeAt(),
    }),
    missing: t.expose('missing', {
      type: MissingEvents,
      nullable: true,
      description: 'The missing events, for a count that is not reached.',
    }),
  }),
});

interface Evaluated {
  at: Date;
  clauses: Explanation[];
}

/** It evaluates the customer at each instant at which rules will move it. */
const forecastCost = 100;

const Why = builder.objectRef<Evaluated>('Why').implement({
  description: 'The evaluation of a filter for a customer, clause by clause.',
  fields: (t) => ({
    holds: t.boolean({ resolve: ({ clauses }) => clauses[0]?.holds ?? false }),
    at: t.expose('at', {
      type: 'DateTime',
      description: 'The time of the evaluation.',
    }),
    nextChangeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the result next changes without further events, also because rules will then have moved the customer. Null if never, or not within its next 200 moves.',
      complexity: { field: forecastCost, multiplier: 1 },
      resolve: ({ clauses }) => clauses[0]?.nextChangeAt() ?? null,
    }),
    clauses: t.field({
      type: [ClauseExplanation],
      description: 'The whole filter first, then each group followed by its parts.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ clauses }) => clauses,
    }),
  }),
});

/** An object of a later domain with a filter that can be explained. */
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
      'Explains why a filter, a segment or the rule of a stage matches the customer or not, clause by clause, with actual values, deciding events and what would change the result.',
    complexity: { field: 20, multiplier: 1 },
    args: { of: t.arg({ type: WhyInput, required: true }) },
    resolve: async ({ id, mergedInto, evaluatedAt }, { of }, ctx) => {
      if (mergedInto !== null) {
        throw new InvalidInput(
          'The customer was merged and is in no segment or stage. Use the surviving customer (`mergedInto`).',
        );
      }
      const filter = await filterOf(ctx, of);
      const db = sqlThrough(ctx.tx, ctx.workspaceId);
      const vocabulary = await loadVocabulary(db);
      const at = new Date(Math.max(ctx.now().getTime(), evaluatedAt.getTime()));
      return { at, clauses: await explain(db, vocabulary, filter, { customerId: id, at }) };
    },
  }),
);
