import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { expectedTotals, loadOrderLog, readOrders, writeOrderLog } from './orders.ts';
import { askGraphQL, withConnections } from './support/connection.ts';
import { type BenchServer, benchAdminKey, projectFolder } from './support/server.ts';

/** The measurements of one server that imported the whole log. */
export interface Imported {
  server: BenchServer;
  logName: string;
  seconds: number;
  /** Resident memory of the server in MB: before, the maximum during, and right after the import. */
  idle: number;
  peak: number;
  after: number;
}

/** Imports the whole log into a new server with the command line, and verifies the totals. */
export async function importInto(server: BenchServer): Promise<Imported> {
  const log = await loadOrderLog();
  const file = await writeOrderLog(log, dirname(server.environment['STAGELINE_DATA'] ?? '.'));
  const idle = await server.memory();
  const samples: number[] = [];
  const sampling = setInterval(() => void server.memory().then((mb) => samples.push(mb)), 250);
  const seconds = await runImport(file, server.environment).finally(() => clearInterval(sampling));
  const after = await server.memory();
  const peak = Math.max(after, ...samples);
  await assertImported(server, expectedTotals(readOrders(log)));
  return { server, logName: log.name, seconds, idle, peak, after };
}

async function runImport(file: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const columns = 'customer=customer_id,date=date,amount=dollar_value,quantity=number_of_cds';
  const command = ['run', '--silent', 'stageline', '--', 'import', 'orders', file];
  const began = performance.now();
  const child = spawn('npm', [...command, '--map', columns], {
    cwd: projectFolder,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The import exited with code ${code}`);
  return (performance.now() - began) / 1_000;
}

async function assertImported(server: BenchServer, expected: ReturnType<typeof expectedTotals>) {
  const found = await readTotals(server);
  for (const [name, count] of Object.entries(expected)) {
    const have = found[name as keyof typeof expected];
    if (have !== count) throw new Error(`After the import there are ${have} ${name}, not ${count}`);
  }
}

interface Page {
  changes: { changes: object[]; cursor: string; hasMore: boolean };
}

/** Reads the totals through the public API. */
async function readTotals({ url }: BenchServer) {
  return withConnections({ url, key: benchAdminKey, count: 1 }, async ([connection]) => {
    if (!connection) throw new Error('There is no connection');
    const { workspace } = await askGraphQL<{
      workspace: { totals: { customers: number; orders: number } };
    }>(connection, '{ workspace { totals { customers orders } } }');
    let stageChanges = 0;
    let after: string | null = null;
    for (;;) {
      const { changes }: Page = await askGraphQL<Page>(connection, readChanges, { after });
      stageChanges += changes.changes.length;
      after = changes.cursor;
      if (!changes.hasMore) return { ...workspace.totals, stageChanges };
    }
  });
}

const readChanges = `query Read($after: Cursor) {
  changes(kinds: [STAGE_CHANGED], after: $after, first: 1000) {
    ... on ChangePage { changes { cursor } cursor hasMore }
  }
}`;
