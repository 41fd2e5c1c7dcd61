import type { CodegenConfig } from '@graphql-codegen/cli';
import { printSchema } from 'graphql';
import { buildSchema } from './schema/index.ts';
import { domains } from './src/domains.ts';

/**
 * Prints the contract and types the operations of the tests against it. The schema is handed over as
 * text: a second copy of the graphql module in the tool's loader would not take it as it is.
 */
const config: CodegenConfig = {
  schema: printSchema(await buildSchema(domains.map(({ loadSchema }) => loadSchema))),
  generates: {
    'schema/schema.graphql': { plugins: ['schema-ast'] },
    'test/support/operations.generated.ts': {
      documents: 'test/support/operations.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        useTypeImports: true,
        enumType: 'string-literal',
        scalars: {
          ID: 'string',
          DateTime: 'string',
          Cursor: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
