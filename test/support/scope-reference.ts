import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Scope } from '../../src/access/principal.ts';
import type { PathStep } from './selection-paths.ts';

/** The required scope of each mutation: add new mutations here. */
const mutations: Record<string, Scope> = {
  track: 'ingest',
  createApiKey: 'admin',
  revokeApiKey: 'admin',
  ...Object.fromEntries(
    [
      ['acceptTask', 'activateChurnModel', 'addSegmentMembers', 'assignTask', 'cancelTask'],
      ['completeTask', 'createLifecycle', 'createMember', 'createSegment', 'createTeam'],
      ['deleteLifecycle', 'deleteMember', 'deleteSegment', 'deleteTeam', 'fitChurnModel'],
      ['makeDefaultLifecycle', 'moveCustomer', 'removeSegmentMembers', 'setConsent'],
      ['mergeCustomers', 'setExchangeRates', 'updateCustomer'],
      ['tagCustomers', 'undoMerge', 'unpinCustomer', 'updateChurnSettings', 'updateLifecycle'],
      ['updateMember', 'updateSegment', 'updateTeam'],
    ]
      .flat()
      .map((name): [string, Scope] => [name, 'write']),
  ),
};

/** Fields for admins only, and fields of a payload that are not fields of the returned object. */
const exceptions: Record<string, Scope> = {
  'Query.apiKeys': 'admin',
  ApiKey: 'admin',
  'MoveRefused.rule': 'read',
  'MoveCustomerPayload.place': 'read',
  'UnpinCustomerPayload.place': 'read',
};

/**
 * The required scope of a field, derived from the shape of the schema only: what is reachable from a query requires
 * `read`; refusals and what only mutations reach require the scope of the mutation; ids require none.
 */
export function createScopeReference(schema: GraphQLSchema): (step: PathStep) => Scope | undefined {
  const read = reachable(schema, [schema.getQueryType(), schema.getSubscriptionType()]);
  const isRefusal = (type: GraphQLNamedType) =>
    type.name === 'Refusal' ||
    (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Refusal'));
  return ({ on, field }) => {
    if (on.name === schema.getMutationType()?.name) {
      const scope = mutations[field.name];
      if (!scope)
        throw new Error(`Add the scope of ${field.name} to test/support/scope-reference.ts`);
      return scope;
    }
    if (field.name === 'id') return undefined;
    const exception = exceptions[`${on.name}.${field.name}`] ?? exceptions[on.name];
    if (exception) return exception;
    return read.has(on.name) && !isRefusal(on) ? 'read' : undefined;
  };
}

function reachable(schema: GraphQLSchema, from: Array<GraphQLNamedType | null | undefined>) {
  const seen = new Set<string>();
  const look = (type: GraphQLNamedType) => {
    if (seen.has(type.name)) return;
    seen.add(type.name);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(look);
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    type.getInterfaces().forEach(look);
    for (const field of Object.values(type.getFields())) look(getNamedType(field.type));
  };
  for (const type of from) if (type) look(type);
  return seen;
}
