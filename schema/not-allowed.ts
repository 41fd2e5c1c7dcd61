import { GraphQLError } from 'graphql';
import { isAllowed, type Principal, type Scope } from '../src/access/principal.ts';

/** Why somebody may not ask this: no valid key at all (401), or a key without the scope (403). */
export function notAllowed(principal: Principal | undefined): GraphQLError {
  if (principal === undefined) {
    return new GraphQLError(
      'Present an API key: nobody is known by the one sent, or none was sent.',
      {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
      },
    );
  }
  return new GraphQLError('The key presented does not have the scope that this field needs.', {
    extensions: { code: 'FORBIDDEN', http: { status: 403 } },
  });
}

/** For the moment of subscribing; the builder's own check runs at each delivery. */
export function demandScope(principal: Principal | undefined, scope: Scope): void {
  if (principal === undefined || !isAllowed(principal, scope)) throw notAllowed(principal);
}
