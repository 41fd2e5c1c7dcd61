import { PothosError } from '@pothos/core';
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { isAllowed } from '../../src/access/principal.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import {
  type DomainError,
  Internal,
  InUse,
  InvalidInput,
  NotFound,
} from '../../src/platform/errors.ts';
import type { ReportFailure } from '../../src/platform/failures.ts';
import { builder } from './builder.ts';
import { coveredByMutation } from './scopes.ts';

/** What every refusal that stands in a union has in common. */
export const Refusal = builder.interfaceRef<DomainError>('Refusal').implement({
  authScopes: coveredByMutation,
  description:
    'Why a request was not carried out. Where a field has no union to say so, the same code is in `extensions.code` of the error.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable; made for programs.' }),
    message: t.string({
      description:
        'What was wrong and what to do. Names what exists instead only for a key with the scope READ.',
      resolve: (refusal, _args, { principal }) =>
        principal && isAllowed(principal, 'read') ? refusal.message : refusal.messageWithoutNames,
    }),
  }),
});

builder.objectType(NotFound, {
  name: 'NotFound',
  authScopes: coveredByMutation,
  description:
    'There is no such thing in this workspace. What exists elsewhere is answered in the same words.',
  interfaces: [Refusal],
});

builder.objectType(InvalidInput, {
  name: 'InvalidInput',
  authScopes: coveredByMutation,
  description:
    'The arguments are well typed, yet make no sense together or lie outside the limits.',
  interfaces: [Refusal],
});

builder.objectType(InUse, {
  name: 'InUse',
  authScopes: coveredByMutation,
  description: 'Something else depends on it: that has to be changed first.',
  interfaces: [Refusal],
  fields: (t) => ({
    uses: t.exposeStringList('uses', { description: 'What depends on it, in words.' }),
  }),
});

builder.objectType(InvalidFilter, {
  name: 'InvalidFilter',
  authScopes: coveredByMutation,
  description:
    'A filter cannot be meant: it is malformed, over a limit, or names what there is not.',
  interfaces: [Refusal],
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'Where in the filter, such as "where.all.0.fact.orderCount".',
    }),
  }),
});

/**
 * What a client learns of an error: a failure with its code, or what GraphQL found wrong with the request. `report`
 * decides what the failure is, and logs it where that is due.
 */
export function toGraphQLError(error: unknown, report: ReportFailure): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = located?.originalError ?? error;
  // Pothos says with it that the schema itself is at fault.
  const isRequest = located && cause instanceof GraphQLError && !(cause instanceof PothosError);
  return isRequest ? withCode(located) : presentFailure(report(cause), located);
}

export const presentFailure = (failure: DomainError, located?: GraphQLError): GraphQLError =>
  present(failure.message, located, extensionsOf(failure));

/** GraphQL itself names no code for what it finds in the syntax, the types and the variables. */
function withCode(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  if (typeof code === 'string') return error;
  return present(error.message, error, { ...error.extensions, code: 'INVALID_REQUEST' });
}

function extensionsOf(failure: DomainError): GraphQLErrorExtensions {
  const { code, status, retryAfterSeconds: seconds } = failure;
  const headers = seconds === undefined ? {} : { headers: { 'Retry-After': String(seconds) } };
  const path = failure instanceof InvalidFilter ? { path: failure.path } : {};
  const incident = failure instanceof Internal ? { incident: failure.incident } : {};
  return { code, ...path, ...incident, http: { status, ...headers } };
}

function present(
  message: string,
  located: GraphQLError | undefined,
  extensions: GraphQLErrorExtensions,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions,
  });
}
