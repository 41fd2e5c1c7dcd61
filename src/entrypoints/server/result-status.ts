import { type ExecutionResult, GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';

/** Keeps an HTTP status to answers without data: one with data is a success, whatever errors stand beside it. */
export const useResultStatus = (): Plugin => ({
  onExecute: () => ({
    onExecuteDone({ result, setResult }) {
      // Fields that are still running add to the list of an answer that is complete already.
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
