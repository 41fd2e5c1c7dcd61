import { readFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../support/schema.ts';

it('equals schema/schema.graphql (npm run schema)', async () => {
  const printed = await readFile(
    new URL('../../../schema/schema.graphql', import.meta.url),
    'utf8',
  );

  expect(printed.trim()).toBe(printSchema(schema).trim());
});

it('describes every type', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) =>
      !type.name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(type.name),
  );

  expect(types.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
});

it('describes every query, mutation and subscription', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}));

  expect(fields.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
});
