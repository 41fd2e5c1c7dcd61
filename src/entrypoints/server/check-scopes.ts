import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { refuseSelection } from '../../../schema/kernel/selection-scopes.ts';
import type { OperationContext } from './subscribe.ts';

interface Validated {
  document?: DocumentNode;
}

/**
 * Refuses an operation with a field that the key may not select, before anything of it is executed. It
 * is no validation rule, because results of validation are cached by document, whatever the key.
 */
export const useScopes = (schema: GraphQLSchema): Plugin<OperationContext & Validated> => ({
  onValidate({ params, extendContext }) {
    extendContext({ document: params.documentAST });
  },
  // Runs after the context has its principal: this plugin stands behind the one that adds it.
  onContextBuilding({ context }) {
    const { document, params, principal } = context;
    if (!document) throw new Error('A context is built before its document was validated');
    const { operationName } = params;
    const refusal = refuseSelection({ schema, document, operationName }, principal);
    if (refusal) throw refusal;
  },
});
