import type { SchemaModule } from '../../../schema/index.ts';
import type { Services } from '../../../schema/kernel/context.ts';
import type { Extension } from '../../engine/extensions.ts';
import type { Config } from '../../platform/config.ts';
import type { Databases } from '../../platform/databases.ts';
import type { JobRunnerOptions } from '../../platform/jobs/create-job-runner.ts';
import type { Lifetime } from '../../platform/lifetime.ts';

/** A domain as the server takes it. */
export interface Domain {
  /** What it hands to the engine. */
  extension: Extension;
  /** Loads what it adds to the GraphQL schema. */
  loadSchema: SchemaModule;
  /** Starts what its part of the schema calls, and its threads. */
  start?(parts: DomainParts): StartedDomain;
}

export interface StartedDomain {
  services?: Partial<Services>;
  /** Runs the steps of its jobs that compute for long. */
  runInThread?: JobRunnerOptions['runInThread'];
}

/** What a domain is started with. */
export interface DomainParts {
  databases: Databases;
  config: Pick<Config, 'maxSegments' | 'maxLifecycles'>;
  lifetime: Lifetime;
}
