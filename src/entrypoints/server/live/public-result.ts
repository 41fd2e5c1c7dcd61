import type {
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLFormattedError,
} from 'graphql';

/** Formats a result for clients, without `extensions.http` of its errors, which is for the HTTP response only. */
export function publicResult({ errors, ...result }: ExecutionResult): FormattedExecutionResult {
  return errors ? { ...result, errors: publicErrors(errors) } : result;
}

export const publicErrors = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
  errors.map((error) => {
    const { extensions = {}, ...formatted } = error.toJSON();
    const { http: _http, ...publicExtensions } = extensions;
    return Object.keys(publicExtensions).length > 0
      ? { ...formatted, extensions: publicExtensions }
      : formatted;
  });
