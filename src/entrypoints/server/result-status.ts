import { type ExecutionResult, GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';

/** Sets an HTTP error status only for results without data: a result with data is 200, even with errors. */
export const useResultStatus = (): Plugin => ({
  onExecute: () => ({
    onExecuteDone({ result, setResult }) {
      // Copied, because resolvers that are still running append errors to the list of a complete result.
      if ('errors' in result && result.errors) setResult({ ...result, errors: [...result.errors] });
    },
  }),
  onResultProcess({ result, setResult, resultProcessor, setResultProcessor }) {
    if (Array.isArray(result) || Symbol.asyncIterator in result) return;
    const { data, errors } = result as ExecutionResult;
    if (data && errors) setResult({ ...result, errors: errors.map(withoutStatus) });
    if (!resultProcessor)
      setResultProcessor((_, fetchAPI) => notAcceptable(fetchAPI), 'application/json');
  },
});

function withoutStatus(error: GraphQLError): GraphQLError {
  const { http: _, ...extensions } = error.extensions;
  const { message, nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

const notAcceptable = ({ Response }: FetchAPI) =>
  Response.json(
    {
      errors: [
        {
          message:
            'Accept application/graphql-response+json or application/json; for a stream, text/event-stream.',
          extensions: { code: 'NOT_ACCEPTABLE' },
        },
      ],
    },
    { status: 406 },
  );
