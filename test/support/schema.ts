import { buildSchema } from '../../schema/index.ts';
import { schemaModules } from '../../src/domains.ts';

/** The schema of all domains. */
export const schema = await buildSchema(schemaModules);
