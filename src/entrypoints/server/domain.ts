import type { SchemaModule } from '../../../schema/index.ts';
import type { Services } from '../../../schema/kernel/context.ts';
import type { Extension } from '../../engine/extensions.ts';
import type { Config } from '../../platform/config.ts';
import type { Databases } from '../../platform/databases.ts';
import type { Lifetime } from '../../platform/lifetime.ts';

/** A domain as the server takes it. */
export interface Domain {
  /** What it hands to the engine. */
  extension: Extension;
  /** Loads what it adds to the GraphQL schema. */
  loadSchema: SchemaModule;
  /** Creates the services that its part of the schema calls. */
  createServices?(parts: DomainParts): Partial<Services>;
}

/** What the services of a domain are made of. */
export interface DomainParts {
  databases: Databases;
  config: Pick<Config, 'maxSegments' | 'maxLifecycles'>;
  lifetime: Lifetime;
}
