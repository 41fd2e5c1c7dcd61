import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from 'graphql';
import type { Principal } from '../../../access/principal.ts';
import type { Interest } from '../../../engine/changes/topic.ts';
import type { Operation } from './operation-context.ts';

/**
 * Subscriptions with the same key are delivered the same. The key has all that decides what is delivered: the workspace,
 * the scopes, the operation, its variables, and the interest that its arguments meant at the start. It does not have the key of the caller, nor from where a stream resumes.
 */
export function shareKey(
  { document, operationName, variableValues }: Operation,
  { workspaceId, scopes }: Principal,
  interest: Interest,
): string {
  const { text, resumeVariable } = describe(document, operationName);
  const variables = Object.entries(variableValues ?? {})
    .filter(([name]) => name !== resumeVariable)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [workspaceId, scopes.toSorted(), operationName ?? null, text, variables, interest];
  // A digest: documents and variables may have many kilobytes, and every group keeps its key.
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

interface Description {
  /** The document without the argument `after` of its root field. */
  text: string;
  /** The variable that was used for `after` alone. */
  resumeVariable: string | undefined;
}

/** Documents are cached by their text, so the same one is described once. */
const described = new WeakMap<DocumentNode, Map<string, Description>>();

function describe(document: DocumentNode, operationName: string | null | undefined): Description {
  const byName = described.get(document) ?? new Map<string, Description>();
  described.set(document, byName);
  const known = byName.get(operationName ?? '');
  if (known) return known;
  const operation = getOperationAST(document, operationName);
  const description = operation
    ? withoutResumption(document, operation)
    : { text: print(document), resumeVariable: undefined };
  byName.set(operationName ?? '', description);
  return description;
}

function withoutResumption(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Description {
  const roots = new Set<unknown>(operation.selectionSet.selections);
  const used: string[] = [];
  let resumeVariable: string | undefined;
  const rest = visit(document, {
    Field(field) {
      if (!roots.has(field)) return undefined;
      const after = field.arguments?.find(({ name }) => name.value === 'after');
      if (after?.value.kind === Kind.VARIABLE) resumeVariable = after.value.name.value;
      return { ...field, arguments: field.arguments?.filter((argument) => argument !== after) };
    },
    Variable: ({ name }, _key, parent) => {
      const isDefinition = parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION;
      if (!isDefinition) used.push(name.value);
    },
  });
  const isShared = resumeVariable !== undefined && used.includes(resumeVariable);
  return { text: print(rest), resumeVariable: isShared ? undefined : resumeVariable };
}
