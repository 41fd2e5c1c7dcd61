import { buildSchema } from '../../schema/index.ts';
import { domains } from '../../src/domains.ts';

/** The schema of all domains. */
export const schema = await buildSchema(domains.map(({ loadSchema }) => loadSchema));
