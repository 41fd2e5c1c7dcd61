import { defineConfig } from 'prisma/config';

// Generating needs no engine, yet the command line insists on one and would download it:
// any existing executable satisfies it.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({ schema: 'prisma' });
