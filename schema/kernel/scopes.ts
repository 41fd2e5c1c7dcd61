import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  PothosSchemaError,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver, GraphQLInterfaceType, GraphQLObjectType } from 'graphql';
import type { Scope } from '../../src/access/principal.ts';
import type { RequestContext } from './context.ts';
import { type Need, refuse } from './not-allowed.ts';

export const readByDefault = 'readByDefault';

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      readByDefault: ReadByDefault<Types>;
    }
  }
}

/**
 * For the types that a mutation returns: their fields require no scope besides the mutation's.
 * Decision 0021.
 */
export const coveredByMutation = () => true;

/**
 * Every type requires the scope `read` unless it declares another one, so that no new type is open by
 * oversight. An `id` requires no scope: it identifies an object and reveals nothing of it.
 *
 * scope-auth checks what is declared. The default is checked here, because it applies to almost every
 * field of a response and scope-auth would take half as long as the whole execution (decision 0021).
 */
class ReadByDefault<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>) {
    const options = field.pothosOptions as Options;
    if (field.kind === 'Mutation' && !options.authScopes) {
      throw new PothosSchemaError(`The mutation ${field.name} declares no scope.`);
    }
    if (field.name === 'id')
      Object.assign(options, { skipTypeScopes: true, skipInterfaceScopes: true });
    return field;
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): typeof resolve {
    const type = this.buildCache.getTypeConfig(field.parentType).pothosOptions as Options;
    const own = field.pothosOptions as Options;
    if (type.authScopes || own.skipTypeScopes) return resolve;
    const needs: Need[] = [{ field: `${field.parentType}.${field.name}`, scope: 'read' }];
    return (parent, args, context, info) => {
      const refusal = refuse((context as RequestContext).principal, needs);
      if (refusal) throw refusal;
      return resolve(parent, args, context, info);
    };
  }
}

SchemaBuilder.registerPlugin(readByDefault, ReadByDefault as never);

type Declared = Partial<Record<Scope, boolean>> | typeof coveredByMutation;

interface Options {
  authScopes?: Declared;
  skipTypeScopes?: boolean;
}

/** The scopes that selecting the field requires: those of the field, then those of its type. */
export function needsOf(type: GraphQLObjectType | GraphQLInterfaceType, name: string): Need[] {
  const field = type.getFields()[name];
  if (!field) throw new Error(`${type.name} has no field ${name}`);
  const own = optionsOf(field);
  const ofType = own.skipTypeScopes ? {} : (optionsOf(type).authScopes ?? { read: true });
  const scopes = [...scopesIn(own.authScopes ?? {}), ...scopesIn(ofType)];
  return scopes.map((scope) => ({ field: `${type.name}.${name}`, scope }));
}

// Pothos keeps the declared options of types and fields there.
const optionsOf = ({ extensions }: { extensions: object }) =>
  (extensions as { pothosOptions: Options }).pothosOptions;

const scopesIn = (declared: Declared) =>
  (declared === coveredByMutation ? [] : Object.keys(declared)) as Scope[];
