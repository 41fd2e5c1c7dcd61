import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importRates } from '../../../src/entrypoints/imports/import-rates.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rates-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function importFile({ id: workspaceId }: TestWorkspace, text: string) {
  const file = join(folder, 'rates.csv');
  await writeFile(file, text);
  return importRates(server.database, { workspaceId, file });
}

async function ratesOf(workspace: TestWorkspace) {
  const { exchangeRates } = await workspace.query<{ exchangeRates: { nodes: object[] } }>(
    '{ exchangeRates { nodes { currency effectiveOn rate } } }',
  );
  return exchangeRates.nodes;
}

it.each([
  ['commas', 'currency,date,rate\nUSD,2026-01-01,0.8511\nJPY,2026-01-01,0.0061\n'],
  [
    'semicolons, in another order',
    'Rate;Source;Currency;Date\r\n0.8511;ECB;usd;2026-01-01\r\n0.0061;ECB;JPY;2026-01-01',
  ],
])('sets the rates of a file with %s', async (_what, text) => {
  const workspace = await newWorkspace(server, { currency: 'EUR' });

  expect(await importFile(workspace, text)).toEqual({ read: 2, added: 2 });

  expect(await ratesOf(workspace)).toEqual([
    { currency: 'USD', effectiveOn: '2026-01-01', rate: '0.8511' },
    { currency: 'JPY', effectiveOn: '2026-01-01', rate: '0.0061' },
  ]);
});

it('adds nothing when the same file is imported again', async () => {
  const workspace = await newWorkspace(server, { currency: 'EUR' });
  const text = 'currency,date,rate\nUSD,2026-01-01,0.8511';
  await importFile(workspace, text);

  expect(await importFile(workspace, text)).toEqual({ read: 1, added: 0 });
});

it('accepts more rates than a mutation', async () => {
  const workspace = await newWorkspace(server, { currency: 'EUR' });
  const days = Array.from({ length: 2_500 }, (_, day) =>
    new Date(Date.UTC(2019, 0, 1 + day)).toISOString().slice(0, 10),
  );

  const text = ['currency,date,rate', ...days.map((day) => `USD,${day},0.9`)].join('\n');

  expect(await importFile(workspace, text)).toEqual({ read: 2_500, added: 2_500 });
});

it.each([
  ['currency,rate\nUSD,1', 'has no column "date"'],
  ['currency,date,rate\nUSD,2026-01-01,1\n\nUSD,01.02.2026,1', 'line 4: the day must be'],
  ['currency,date,rate\nUSD,2026-01-01,1\nUSD,2026-01-02', 'line 3: the rate must be'],
  ['currency,date,rate\nUSD,2026-01-01,1\n"USD,2026-01-02,1', 'line 3: a quotation mark is not'],
])('sets no rate of the invalid file %j', async (text, message) => {
  const workspace = await newWorkspace(server, { currency: 'EUR' });

  await expect(importFile(workspace, text)).rejects.toThrow(message);

  expect(await ratesOf(workspace)).toEqual([]);
});
