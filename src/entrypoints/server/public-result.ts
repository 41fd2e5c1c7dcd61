import type {
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLFormattedError,
} from 'graphql';

/** A result as clients get it: `extensions.http` of an error is for the HTTP response alone. */
export function publicResult({ errors, ...result }: ExecutionResult): FormattedExecutionResult {
  return errors ? { ...result, errors: publicErrors(errors) } : result;
}

export const publicErrors = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
  errors.map((error) => {
    const { extensions = {}, ...formatted } = error.toJSON();
    const { http: _http, ...shown } = extensions;
    return Object.keys(shown).length > 0 ? { ...formatted, extensions: shown } : formatted;
  });
