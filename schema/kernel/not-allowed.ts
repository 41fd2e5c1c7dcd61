import { GraphQLError } from 'graphql';
import { isAllowed, type Principal, type Scope } from '../../src/access/principal.ts';

/** A field in the form `Type.field`, and a scope that it requires. */
export interface Need {
  field: string;
  scope: Scope;
}

/** The refusal for the first scope that the key lacks; undefined if it lacks none. */
export function refuse(
  principal: Principal | undefined,
  needs: readonly Need[],
): GraphQLError | undefined {
  const missing = needs.find(({ scope }) => !principal || !isAllowed(principal, scope));
  return missing && notAllowed(principal, missing);
}

/** No valid key at all (401), or a key without the scope (403). */
function notAllowed(principal: Principal | undefined, { field, scope }: Need): GraphQLError {
  if (principal === undefined) {
    return new GraphQLError('The API key is missing or invalid.', {
      extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
    });
  }
  return new GraphQLError(`${field} needs a key with the scope "${scope}".`, {
    extensions: { code: 'FORBIDDEN', field, scope, http: { status: 403 } },
  });
}
