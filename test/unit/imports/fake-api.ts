import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderCall } from '../../../src/entrypoints/imports/create-order-reader.ts';
import {
  type ImportOrdersOptions,
  importOrders,
} from '../../../src/entrypoints/imports/import-orders.ts';

export interface FakeAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A fake server that records requests and responds as configured. */
export async function startFakeApi() {
  const api = {
    url: '',
    /** In order of arrival, each message once. */
    calls: [] as OrderCall[],
    bodies: [] as string[],
    known: new Set<string>(),
    inFlight: 0,
    maxInFlight: 0,
    refuse: (_call: OrderCall): string | undefined => undefined,
    /** Called before each batch with the number of batches answered so far. */
    interfere: (_answered: number): FakeAnswer | undefined => undefined,
    answered: 0,
    settings: { data: { workspace: { timeZone: 'America/New_York', currency: 'USD' } } } as unknown,
    authorization: '',
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  const server = createServer(async (request, response) => {
    api.inFlight += 1;
    api.maxInFlight = Math.max(api.maxInFlight, api.inFlight);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    api.authorization = request.headers.authorization ?? '';
    const text = Buffer.concat(chunks).toString('utf8');
    const answer = request.url === '/graphql' ? { status: 200, body: api.settings } : take(text);
    api.inFlight -= 1;
    response.writeHead(answer.status, { connection: 'close', ...answer.headers });
    response.end(JSON.stringify(answer.body ?? {}));
  });
  const take = (text: string): FakeAnswer => {
    const out = api.interfere(api.answered);
    if (out) return out;
    api.answered += 1;
    api.bodies.push(text);
    const { batch } = JSON.parse(text) as { batch: OrderCall[] };
    const results = batch.map((call, index) => ({ index, ...judge(call) }));
    const refused = results.filter(({ status }) => status === 'refused').length;
    const status = refused === 0 ? 200 : refused === batch.length ? 400 : 207;
    return { status, body: { success: refused === 0, results } };
  };
  const judge = (call: OrderCall) => {
    const message = api.refuse(call);
    if (message) return { messageId: call.messageId, status: 'refused', code: 'INVALID', message };
    if (api.known.has(call.messageId)) return { messageId: call.messageId, status: 'duplicate' };
    api.known.add(call.messageId);
    api.calls.push(call);
    return { messageId: call.messageId, status: 'accepted' };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}

/** Creates a folder and a fake API with a function to import; waiting takes no time. */
export async function startImporter() {
  const api = await startFakeApi();
  const folder = await mkdtemp(join(tmpdir(), 'stageline-import-'));
  const waits: number[] = [];
  const output: string[] = [];
  let waited = 0;
  const runtime = {
    now: () => Date.now() + waited,
    random: () => 1,
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds);
      waited += milliseconds;
    },
  };
  const stream = {
    write: (text: string | Uint8Array) => output.push(String(text)) > 0,
    isTTY: false,
    columns: 80,
  };
  return {
    api,
    folder,
    waits,
    output,
    path: (name: string) => join(folder, name),
    async file(name: string, text: string) {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    import: (request: Pick<ImportOrdersOptions, 'file'> & Partial<ImportOrdersOptions>) =>
      importOrders(
        { url: api.url, key: 'sk_test', map: { ...simple, properties: {} }, ...request },
        stream,
        runtime,
      ),
    async end() {
      await api.close();
      await rm(folder, { recursive: true });
    },
  };
}

const simple = { customer: 'customer', date: 'date', amount: 'amount' };
