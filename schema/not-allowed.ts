import { GraphQLError } from 'graphql';
import type { Principal, Scope } from '../src/access/principal.ts';

/** A field in the form `Type.field`, and the scope that selecting it needs. */
interface Need {
  field: string;
  scope: Scope;
}

/** Why a field may not be selected: no valid key at all (401), or a key without the scope (403). */
export function notAllowed(principal: Principal | undefined, { field, scope }: Need): GraphQLError {
  if (principal === undefined) {
    return new GraphQLError(
      'Present an API key: nobody is known by the one sent, or none was sent.',
      {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
      },
    );
  }
  return new GraphQLError(`${field} needs a key with the scope "${scope}".`, {
    extensions: { code: 'FORBIDDEN', field, scope, http: { status: 403 } },
  });
}
