import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { refuseSelection } from '../../../schema/kernel/selection-scopes.ts';
import type { OperationContext } from './live/operation-context.ts';

interface Validated {
  document?: DocumentNode;
}

/**
 * Refuses an operation with a field that the key may not select, before anything is executed. Not a validation rule,
 * because validation results are cached by document for all keys.
 */
export const useScopes = (schema: GraphQLSchema): Plugin<OperationContext & Validated> => ({
  onValidate({ params, extendContext }) {
    extendContext({ document: params.documentAST });
  },
  // Runs after the plugin that adds the principal to the context.
  onContextBuilding({ context }) {
    const { document, params, principal } = context;
    if (!document) throw new Error('The context was built before its document was validated');
    const { operationName } = params;
    const refusal = refuseSelection({ schema, document, operationName }, principal);
    if (refusal) throw refusal;
  },
});
