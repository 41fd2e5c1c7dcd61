import {
  buildClientSchema,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  introspectionFromSchema,
  isObjectType,
  OperationTypeNode,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { refuseSelection } from '../../../schema/kernel/selection-scopes.ts';
import { type Principal, type Scope, scopes } from '../../../src/access/principal.ts';
import { schema } from '../../support/schema.ts';
import { createScopeReference } from '../../support/scope-reference.ts';
import { documentOf, type PathStep, selectionPaths } from '../../support/selection-paths.ts';

// The schema as clients see it, without the declarations.
const shape = buildClientSchema(introspectionFromSchema(schema));
const neededBy = createScopeReference(shape);

// `admin` is allowed everything, with or without the others.
const some = scopes.filter((scope) => scope !== 'admin');
const scopeSets: Scope[][] = [
  ...Array.from({ length: 2 ** some.length }, (_, set) =>
    some.filter((_one, bit) => set & (1 << bit)),
  ),
  ['admin'],
];
const principals: Array<Principal | undefined> = [
  undefined,
  ...scopeSets.map((set) => ({ workspaceId: 'w', keyId: 'k', scopes: set })),
];
const nameOf = (principal: Principal | undefined) => principal?.scopes.join('+') ?? 'no key';
const has = (principal: Principal | undefined, scope: Scope) =>
  principal?.scopes.some((one) => one === scope || one === 'admin') ?? false;

/** The first forbidden step of a path, formatted as in a refusal. */
function firstRefused(steps: PathStep[], principal: Principal | undefined) {
  for (const step of steps) {
    const scope = neededBy(step);
    if (scope && !has(principal, scope)) return `${step.on.name}.${step.field.name} ${scope}`;
  }
  return 'allowed';
}

const codes = (principal: Principal | undefined, refused: string) => {
  if (refused === 'allowed') return refused;
  return principal ? `FORBIDDEN ${refused}` : 'UNAUTHENTICATED';
};

const verdict = (error: { extensions: Record<string, unknown> } | undefined) => {
  if (!error) return 'allowed';
  const { code, field, scope } = error.extensions;
  return [code, field, scope].filter((part) => part !== undefined).join(' ');
};

describe.each([
  [OperationTypeNode.QUERY, 4, 5_000],
  [OperationTypeNode.SUBSCRIPTION, 4, 4_000],
  // The mutation itself, and four fields of its payload.
  [OperationTypeNode.MUTATION, 5, 5_000],
])('on every path of a %s', (operation, length, atLeast) => {
  const paths = selectionPaths(shape, operation, length);

  it.each(principals.map((principal) => ({ principal, name: nameOf(principal) })))(
    'a key with [$name] is refused exactly the fields that a query would refuse',
    ({ principal }) => {
      const wrong = paths.flatMap((path) => {
        const text = documentOf(path);
        const expected = codes(principal, firstRefused(path.steps, principal));
        const document = parse(text, { noLocation: true });
        const found = verdict(
          refuseSelection({ schema, document, operationName: null }, principal),
        );
        return found === expected ? [] : [{ text, found, expected }];
      });

      expect(wrong).toEqual([]);
    },
  );

  it('the schema has enough paths', () => expect(paths.length).toBeGreaterThan(atLeast));
});

interface Field {
  on: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
}

const fields: Field[] = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
  .map((type) => type as GraphQLObjectType)
  .flatMap((on) => Object.values(on.getFields()).map((field) => ({ on, field })));

/** Calls the field like the executor, with a parent and a context that cannot be read. */
async function execute({ on, field }: Field, principal: Principal | undefined) {
  const info = { parentType: on, fieldName: field.name, path: { key: field.name } };
  const call = on.name === 'Subscription' ? field.subscribe : field.resolve;
  try {
    await call?.(unreadable, {}, { principal }, info as never);
  } catch (error) {
    if (error instanceof GraphQLError) return verdict(error);
  }
  return 'allowed';
}

const unreadable = new Proxy({}, { get: () => undefined });

it.each(principals.map((principal) => ({ principal, name: nameOf(principal) })))(
  'execution refuses the same fields to a key with [$name]',
  async ({ principal }) => {
    const verdicts = await Promise.all(
      fields.map(async (one) => ({
        at: `${one.on.name}.${one.field.name}`,
        found: await execute(one, principal),
        expected: codes(principal, firstRefused([one], principal)),
      })),
    );

    expect(verdicts.filter(({ found, expected }) => found !== expected)).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(500);
  },
);
