import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Principal } from '../../src/access/principal.ts';
import { type Need, refuse } from './not-allowed.ts';
import { needsOf } from './scopes.ts';

export interface Selection {
  schema: GraphQLSchema;
  /** A valid document. */
  document: DocumentNode;
  operationName: string | null | undefined;
}

/**
 * The refusal for the first field that the key may not select; undefined if it may select all of them.
 * Fields under `@skip` or `@include` count as selected. Introspection requires no key.
 */
export function refuseSelection(
  { schema, document, operationName }: Selection,
  principal: Principal | undefined,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const needs = cache.get(operation) ?? collectNeeds(schema, document, operation);
  cache.set(operation, needs);
  return refuse(principal, needs);
}

// Parsed documents are cached by their text, so a repeated operation is visited once.
const cache = new WeakMap<OperationDefinitionNode, Need[]>();

/** Each scope that the operation requires, with the first field that requires it. */
function collectNeeds(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Need[] {
  const needs: Need[] = [];
  const fragments = new Map(
    document.definitions
      .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((one) => [one.name.value, one]),
  );

  function visit(type: GraphQLNamedType | null | undefined, { selections }: SelectionSetNode) {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) visitField(type, node);
      else if (node.kind === Kind.FRAGMENT_SPREAD) visitFragment(node.name.value);
      else visit(node.typeCondition ? namedType(node.typeCondition) : type, node.selectionSet);
    }
  }

  function visitField(
    type: GraphQLNamedType | null | undefined,
    { name: { value: name }, selectionSet }: FieldNode,
  ) {
    if (name.startsWith('__')) return;
    if (!isObjectType(type) && !isInterfaceType(type))
      throw new Error(`The field ${name} has no parent type`);
    for (const need of needsOf(type, name)) {
      if (!needs.some(({ scope }) => scope === need.scope)) needs.push(need);
    }
    const field = type.getFields()[name];
    if (field && selectionSet) visit(getNamedType(field.type), selectionSet);
  }

  function visitFragment(name: string) {
    const fragment = fragments.get(name);
    // A fragment has a fixed type, so it requires the same scopes wherever it is spread.
    fragments.delete(name);
    if (fragment) visit(namedType(fragment.typeCondition), fragment.selectionSet);
  }

  const namedType = ({ name }: NamedTypeNode) => schema.getType(name.value);

  visit(schema.getRootType(operation.operation), operation.selectionSet);
  return needs;
}
