import { type GraphQLSchema, isInputObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildSchema } from '../../../schema/index.ts';
import { domains } from '../../../src/domains.ts';
import { installExtensions } from '../../../src/engine/extensions.ts';

// Installs domains of its own: the modules that remember those installed are loaded anew, here and for the next file.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

let schema: GraphQLSchema;

beforeAll(async () => {
  const present = domains.filter(({ extension: { name } }) => !['tasks', 'churn'].includes(name));
  installExtensions(present.map(({ extension }) => extension));
  schema = await buildSchema(present.map(({ loadSchema }) => loadSchema));
});

const fieldsOf = (name: string) => {
  const type = schema.getType(name);
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
};

it('has no types of omitted domains', () => {
  const names = Object.keys(schema.getTypeMap());

  expect(names).toEqual(expect.arrayContaining(['Customer', 'Stage', 'Segment', 'SegmentEntered']));
  expect(names.filter((name) => /Task|Churn|Risk|LifetimeValue/.test(name))).toEqual([]);
});

it('has no fields, clauses and sort orders of omitted domains', () => {
  expect(fieldsOf('Customer')).toEqual(expect.arrayContaining(['orderCount', 'stage', 'segments']));
  expect(fieldsOf('Customer')).not.toContain('tasks');
  expect(fieldsOf('Customer')).not.toContain('risk');
  expect(fieldsOf('CustomerFilter')).toEqual(expect.arrayContaining(['fact', 'stage', 'segment']));
  expect(fieldsOf('CustomerFilter')).not.toContain('risk');
  expect(schema.getType('CustomerOrderField')?.toConfig()).toMatchObject({
    values: expect.not.objectContaining({ RISK: expect.anything() }),
  });
});
