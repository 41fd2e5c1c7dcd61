import { GraphQLError, getNamedType, isIntrospectionType, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** For STAGELINE_INTROSPECTION=off: refuses introspection and removes suggested names from error messages. */
export const useHiddenSchema = (): Plugin => ({
  onValidate({ addValidationRule, setValidationFn, validateFn }) {
    addValidationRule(refuseIntrospection);
    setValidationFn((schema, document, rules, options, typeInfo) =>
      validateFn(schema, document, rules, { ...options, hideSuggestions: true }, typeInfo),
    );
  },
  onExecute: () => ({
    // The executor hides suggestions for fields, but not for enum values.
    onExecuteDone({ result }) {
      if (!('errors' in result)) return;
      for (const error of result.errors ?? []) {
        error.message = error.message.replace(/ Did you mean [^?]*\?/, '');
      }
    },
  }),
  onSubscribe({ args }) {
    Object.assign(args, { hideSuggestions: true });
  },
});

/** Replaces graphql's NoSchemaIntrospectionCustomRule, whose error has no code. */
const refuseIntrospection: ValidationRule = (context) => ({
  Field(node) {
    const type = getNamedType(context.getType());
    if (!type || !isIntrospectionType(type)) return;
    context.reportError(
      new GraphQLError('Introspection is disabled on this server. Use the published schema.', {
        nodes: node,
        extensions: { code: 'INTROSPECTION_DISABLED' },
      }),
    );
  },
});
