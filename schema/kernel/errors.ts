import { PothosError } from '@pothos/core';
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { isAllowed } from '../../src/access/principal.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import {
  AlreadyMerged,
  type DomainError,
  Internal,
  InUse,
  InvalidInput,
  NotFound,
} from '../../src/platform/errors.ts';
import type { ReportFailure } from '../../src/platform/failures.ts';
import { builder } from './builder.ts';
import { coveredByMutation } from './scopes.ts';

/** The fields that all refusals share. */
export const Refusal = builder.interfaceRef<DomainError>('Refusal').implement({
  authScopes: coveredByMutation,
  description:
    'The reason why a request was refused. Fields without a result union report the same code in `extensions.code` of the error.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'A stable code for programs.' }),
    message: t.string({
      description:
        'What was wrong and what to do. Lists existing keys only for API keys with the scope READ.',
      resolve: (refusal, _args, { principal }) =>
        principal && isAllowed(principal, 'read') ? refusal.message : refusal.messageWithoutNames,
    }),
  }),
});

builder.objectType(NotFound, {
  name: 'NotFound',
  authScopes: coveredByMutation,
  description: 'No such object exists in this workspace.',
  interfaces: [Refusal],
});

builder.objectType(InvalidInput, {
  name: 'InvalidInput',
  authScopes: coveredByMutation,
  description: 'The arguments are contradictory or outside the limits.',
  interfaces: [Refusal],
});

builder.objectType(AlreadyMerged, {
  name: 'AlreadyMerged',
  authScopes: coveredByMutation,
  description: 'Both customers are one already.',
  interfaces: [Refusal],
});

builder.objectType(InUse, {
  name: 'InUse',
  authScopes: coveredByMutation,
  description: 'The object is used by others, which must be changed first.',
  interfaces: [Refusal],
  fields: (t) => ({
    uses: t.exposeStringList('uses', { description: 'The objects that use it, for display.' }),
  }),
});

builder.objectType(InvalidFilter, {
  name: 'InvalidFilter',
  authScopes: coveredByMutation,
  description:
    'A filter is malformed, exceeds a limit, or refers to something that does not exist.',
  interfaces: [Refusal],
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'The path in the filter, such as "where.all.0.fact.orderCount".',
    }),
  }),
});

/**
 * The error that a client receives: a failure with its code, or what GraphQL rejected in the request. `report`
 * classifies the failure and logs it where necessary.
 */
export function toGraphQLError(error: unknown, report: ReportFailure): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = located?.originalError ?? error;
  // A PothosError is a fault of the schema itself.
  const isRequest = located && cause instanceof GraphQLError && !(cause instanceof PothosError);
  return isRequest ? withCode(located) : presentFailure(report(cause), located);
}

export const presentFailure = (failure: DomainError, located?: GraphQLError): GraphQLError =>
  present(failure.message, located, extensionsOf(failure));

/** GraphQL gives no code to errors of syntax, types and variables. */
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
