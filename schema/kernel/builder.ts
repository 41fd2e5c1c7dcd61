import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import type PrismaTypes from '../../prisma/generated/pothos-types.ts';
import { getDatamodel } from '../../prisma/generated/pothos-types.ts';
import { isAllowed, type Scope } from '../../src/access/principal.ts';
import type { RequestContext } from './context.ts';
import { listMultiplier } from './cost.ts';
import { formatGlobalId } from './global-id.ts';
import { refuse } from './not-allowed.ts';
import { coveredByMutation, needsOf, readByDefault } from './scopes.ts';

interface Types {
  Context: RequestContext;
  PrismaTypes: PrismaTypes;
  AuthScopes: Record<Scope, boolean>;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    Cursor: { Input: string; Output: string };
    Duration: { Input: string; Output: string };
  };
}

/** The schema builder with its plugins and defaults. Types are defined in the folders. */
export const builder = new SchemaBuilder<Types>({
  // The errors plugin is first, so that refusals of other plugins reach the union of the field.
  plugins: [
    ErrorsPlugin,
    ScopeAuthPlugin,
    readByDefault,
    ComplexityPlugin,
    RelayPlugin,
    PrismaPlugin,
    DataloaderPlugin,
  ],
  defaultFieldNullability: false,
  prisma: {
    // The plugin's type requires a whole client but uses only its models, which the operation's
    // transaction has. All access goes through that transaction.
    client: ({ tx }) => tx as unknown as PrismaClient,
    dmmf: getDatamodel(),
  },
  scopeAuth: {
    authScopes: ({ principal }) => ({
      collect: principal !== undefined && isAllowed(principal, 'collect'),
      ingest: principal !== undefined && isAllowed(principal, 'ingest'),
      read: principal !== undefined && isAllowed(principal, 'read'),
      write: principal !== undefined && isAllowed(principal, 'write'),
      admin: principal !== undefined && isAllowed(principal, 'admin'),
    }),
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, { principal }, { parentType, fieldName }) =>
      refuse(principal, needsOf(parentType, fieldName)) ??
      new Error('Refused without a missing scope'),
  },
  complexity: {
    // The cost of an operation is checked before it starts (src/entrypoints/server/admission.ts).
    disabled: true,
    defaultListMultiplier: listMultiplier,
  },
  relay: {
    // `node` and `nodes` are defined in node.ts: they return null for every unknown id.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    encodeGlobalID: (type, key) => formatGlobalId(type, String(key)),
    defaultConnectionTypeOptions: { description: 'A page of a list.' },
    defaultEdgeTypeOptions: { description: 'An item of a page with its cursor.' },
    cursorFieldOptions: { description: 'Pass it as `after` or `before` to continue from here.' },
    nodesOnConnection: {
      description: 'The items without cursors.',
      complexity: { field: 1, multiplier: 1 },
    },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      complexity: { field: 0, multiplier: 1 },
    },
    nodeFieldOptions: { nullable: false },
    nodeTypeOptions: {
      description: 'An object with a global id, which `node` and `nodes` accept.',
    },
    pageInfoTypeOptions: { description: 'The position of a page in the list.' },
  },
  errors: {
    directResult: true,
    defaultUnionOptions: {
      description: 'The result, or the reason for a refusal.',
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
    },
  },
});

export type SchemaTypes =
  typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;

/** Builds the arguments of a field. */
export type Arg = Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg'];

/** Builds the fields of an input type. */
export type InputField = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>;

builder.queryType({
  description: 'Read operations. One operation sees one snapshot of the workspace.',
  authScopes: { read: true },
});

builder.mutationType({
  description:
    'Write operations. The fields of one operation run in order. A key without the scope READ may select only ids, counts and refusals of the payloads.',
  authScopes: coveredByMutation,
});

builder.subscriptionType({
  description:
    'Live streams. Every payload has a `cursor`. Pass the last one as `after` to resume without gaps or repetitions.',
  authScopes: { read: true },
});
