import type { GraphQLSchema } from 'graphql';
import './access/index.ts';
import './changes/index.ts';
import './customers/index.ts';
import './filter/index.ts';
import './kernel/index.ts';
import './members/index.ts';
import { builder } from './kernel/builder.ts';

/** Loads the part of the schema that a domain contributes. */
export type SchemaModule = () => Promise<unknown>;

/**
 * Builds the schema of the domains. Their modules add types, and fields to the types of earlier ones
 * (docs/decisions/0034), so they are loaded in order, and none after the first build.
 */
export async function buildSchema(modules: readonly SchemaModule[]): Promise<GraphQLSchema> {
  for (const load of modules) await load();
  return builder.toSchema();
}
