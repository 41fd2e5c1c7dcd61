import { GraphQLError, getNamedType, isIntrospectionType, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** With STAGELINE_INTROSPECTION=off: no introspection, and no names suggested in error messages. */
export const useHiddenSchema = (): Plugin => ({
  onValidate({ addValidationRule, setValidationFn, validateFn }) {
    addValidationRule(refuseIntrospection);
    setValidationFn((schema, document, rules, options, typeInfo) =>
      validateFn(schema, document, rules, { ...options, hideSuggestions: true }, typeInfo),
    );
  },
  onExecute: () => ({
    // The executor hides suggestions of fields, but not of enum values.
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

/** graphql's own NoSchemaIntrospectionCustomRule gives its error no code. */
const refuseIntrospection: ValidationRule = (context) => ({
  Field(node) {
    const type = getNamedType(context.getType());
    if (!type || !isIntrospectionType(type)) return;
    context.reportError(
      new GraphQLError('Introspection is off on this server. The schema is published with it.', {
        nodes: node,
        extensions: { code: 'INTROSPECTION_DISABLED' },
      }),
    );
  },
});
