import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses @skip and @include at the root of a subscription, which must have exactly one root field. graphql's own rule
 * evaluates both without the variables and fails.
 */
export const useUnconditionalSubscriptions = (): Plugin => ({
  onValidate({ params, setResult }) {
    const errors = rootConditions(params.documentAST as DocumentNode).map(refusal);
    if (errors.length > 0) setResult(errors);
  },
});

const refusal = (directive: DirectiveNode) =>
  new GraphQLError(
    `@${directive.name.value} is not allowed at the root of a subscription, which must have exactly one field.`,
    { nodes: directive },
  );

/** Finds @skip and @include in the root selections of subscriptions, fragments included. */
function rootConditions({ definitions }: DocumentNode): DirectiveNode[] {
  const fragments = new Map<string, SelectionSetNode>();
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node.selectionSet);
  }
  return definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.SUBSCRIPTION
      ? conditionsOf(node.selectionSet, new Map(fragments))
      : [],
  );
}

/** Visits each fragment once: fragments of a document that is not validated may be recursive. */
function conditionsOf(
  { selections }: SelectionSetNode,
  unvisited: Map<string, SelectionSetNode>,
): DirectiveNode[] {
  return selections.flatMap((selection) => {
    const own = (selection.directives ?? []).filter(isCondition);
    if (selection.kind === Kind.FIELD) return own;
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return [...own, ...conditionsOf(selection.selectionSet, unvisited)];
    const fragment = unvisited.get(selection.name.value);
    unvisited.delete(selection.name.value);
    return fragment ? [...own, ...conditionsOf(fragment, unvisited)] : own;
  });
}

const isCondition = ({ name }: DirectiveNode) => name.value === 'skip' || name.value === 'include';
