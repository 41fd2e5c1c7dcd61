import {
  BREAK,
  type DocumentNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getOperationAST,
  isIntrospectionType,
  isUnionType,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Principal } from '../src/access/principal.ts';
import { refuseField } from './scopes.ts';

export interface Selection {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName: string | null | undefined;
}

/**
 * The refusal of the first field that the key may not select; undefined where it may select them all.
 * What stands under `@skip` or `@include` counts as selected. Introspection needs no key.
 */
export function refuseSelection(
  { schema, document, operationName }: Selection,
  principal: Principal | undefined,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  const executed = operation && separateOperations(document)[operation.name?.value ?? ''];
  if (!executed) return undefined;
  const types = new TypeInfo(schema);
  let refusal: GraphQLError | undefined;
  const visitor = {
    Field() {
      const type = types.getParentType();
      const field = types.getFieldDef();
      if (!type || isUnionType(type) || !field || isIntrospection(type, field)) return false;
      refusal = refuseField(principal, type, field.name);
      return refusal && BREAK;
    },
  };
  visit(executed, visitWithTypeInfo(types, visitor));
  return refusal;
}

/** A meta field, or what is behind one: a fragment on `__Type` is visited on its own. */
const isIntrospection = (type: GraphQLNamedType, field: GraphQLField<unknown, unknown>) =>
  isIntrospectionType(type) || field.name.startsWith('__');
