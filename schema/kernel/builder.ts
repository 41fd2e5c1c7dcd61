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

/** The one builder. It knows plugins and manners, no types: those stand in the file of their word. */
export const builder = new SchemaBuilder<Types>({
  // Errors go first: a refusal thrown by another plugin reaches the union of the field.
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
    // The plugin's type wants a whole client, yet it only ever asks for the models, which a
    // transaction's client has: the operation's transaction is the only door there is.
    client: ({ tx }) => tx as unknown as PrismaClient,
    dmmf: getDatamodel(),
  },
  scopeAuth: {
    authScopes: ({ principal }) => ({
      ingest: principal !== undefined && isAllowed(principal, 'ingest'),
      read: principal !== undefined && isAllowed(principal, 'read'),
      write: principal !== undefined && isAllowed(principal, 'write'),
      admin: principal !== undefined && isAllowed(principal, 'admin'),
    }),
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, { principal }, { parentType, fieldName }) =>
      refuse(principal, needsOf(parentType, fieldName)) ?? new Error('Refused without a reason'),
  },
  complexity: {
    // The whole operation is priced before it starts (src/entrypoints/server/admission.ts).
    disabled: true,
    defaultListMultiplier: listMultiplier,
  },
  relay: {
    // `node` and `nodes` are in node.ts: they answer alike for every id that leads nowhere.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    encodeGlobalID: (type, key) => formatGlobalId(type, String(key)),
    defaultConnectionTypeOptions: { description: 'One page of a list.' },
    defaultEdgeTypeOptions: { description: 'One row of a page and its place in the list.' },
    cursorFieldOptions: { description: 'Pass it as `after` or `before` to go on from here.' },
    nodesOnConnection: {
      description: 'The rows without their cursors.',
      complexity: { field: 1, multiplier: 1 },
    },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      complexity: { field: 0, multiplier: 1 },
    },
    nodeFieldOptions: { nullable: false },
    nodeTypeOptions: {
      description: 'Whatever has a global id; ask `node` or `nodes` for it again.',
    },
    pageInfoTypeOptions: { description: 'Where a page lies in the whole list.' },
  },
  errors: {
    directResult: true,
    defaultUnionOptions: {
      description: 'What was asked for, or why it was refused.',
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
  description: 'Everything that can be read. One operation sees one snapshot of the workspace.',
  authScopes: { read: true },
});

builder.mutationType({
  description:
    'Everything that can be changed. The fields of one operation run one after another. A key without the scope READ may select ids, counts and refusals of the payloads.',
  authScopes: coveredByMutation,
});

builder.subscriptionType({
  description:
    'What can be watched. Every payload has a `cursor`; pass the last one as `after` to go on without a gap and without a repetition.',
  authScopes: { read: true },
});
