import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  PothosSchemaError,
  type PothosTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLInterfaceType, GraphQLObjectType } from 'graphql';
import type { Scope } from '../src/access/principal.ts';
import type { Need } from './not-allowed.ts';

export const readByDefault = 'readByDefault';

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      readByDefault: ReadByDefault<Types>;
    }
  }
}

/** For the types that a mutation answers with: their fields need no scope but the mutation's own. */
export const coveredByMutation = () => true;

/**
 * Every type needs the scope `read` unless it declares otherwise, so that a new one is never open by
 * oversight. An `id` needs no scope of its own: it names an object and shows nothing of it.
 */
class ReadByDefault<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onTypeConfig(config: PothosTypeConfig): PothosTypeConfig {
    if (config.kind !== 'Object' && config.kind !== 'Interface') return config;
    const options = config.pothosOptions as Options;
    options.authScopes ??= { read: true };
    return config;
  }

  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>) {
    const options = field.pothosOptions as Options;
    if (field.kind === 'Mutation' && !options.authScopes) {
      throw new PothosSchemaError(`The mutation ${field.name} declares no scope.`);
    }
    if (field.name === 'id')
      Object.assign(options, { skipTypeScopes: true, skipInterfaceScopes: true });
    return field;
  }
}

SchemaBuilder.registerPlugin(readByDefault, ReadByDefault as never);

interface Options {
  authScopes?: Partial<Record<Scope, boolean>> | typeof coveredByMutation;
  skipTypeScopes?: boolean;
}

/** What a key needs to select the field: the scopes of the field itself, then those of its type. */
export function needsOf(type: GraphQLObjectType | GraphQLInterfaceType, name: string): Need[] {
  const field = type.getFields()[name];
  if (!field) throw new Error(`${type.name} has no field ${name}`);
  const own = optionsOf(field);
  const scopes = [...scopesIn(own), ...(own.skipTypeScopes ? [] : scopesIn(optionsOf(type)))];
  return scopes.map((scope) => ({ field: `${type.name}.${name}`, scope }));
}

// Pothos keeps there what the type and the field were declared with.
const optionsOf = ({ extensions }: { extensions: object }) =>
  (extensions as { pothosOptions: Options }).pothosOptions;

const scopesIn = ({ authScopes }: Options) =>
  (authScopes === coveredByMutation ? [] : Object.keys(authScopes ?? {})) as Scope[];
