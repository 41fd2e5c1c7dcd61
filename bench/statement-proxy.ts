import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Statement {
  text: string;
  /** The time from the request to the end of the statement. */
  ms: number;
}

/** Stands between a server and its PostgreSQL and records every statement. */
export interface StatementProxy {
  url: string;
  /** The statements since the last call. */
  take(): Statement[];
  end(): Promise<void>;
}

export async function startStatementProxy(databaseUrl: string): Promise<StatementProxy> {
  const target = new URL(databaseUrl);
  let statements: Statement[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({
      host: target.hostname,
      port: Number(target.port || 5432),
      noDelay: true,
    });
    const watch = watchConnection((statement) => statements.push(statement));
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.once('error', () => client.destroy() && upstream.destroy());
    }
    client.on('data', watch.fromClient);
    upstream.on('data', watch.fromDatabase);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    take() {
      const taken = statements;
      statements = [];
      return taken;
    },
    end: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Parses PostgreSQL's protocol as far as counting needs: a statement is a simple query (Q) or an execution (E) of the
 * last parsed statement (P); it ends when the database is ready for the next one (Z).
 */
function watchConnection(onStatement: (statement: Statement) => void) {
  let text = '';
  const open: Array<{ text: string; began: number }> = [];
  const isQuery = (type: string) => type === 'Q' || type === 'E';
  const fromClient = splitMessages({ startsBare: true }, (type, body) => {
    if (type === 'P') text = body().toString('utf8').split('\0')[1] ?? '';
    if (type === 'Q') text = body().toString('utf8').replace(/\0$/, '');
    if (isQuery(type)) open.push({ text, began: performance.now() });
  });
  const fromDatabase = splitMessages({ startsBare: false }, (type) => {
    if (type !== 'Z') return;
    const now = performance.now();
    const [first, ...others] = open.splice(0);
    if (first) onStatement({ text: first.text, ms: now - first.began });
    for (const other of others) onStatement({ text: other.text, ms: 0 });
  });
  return { fromClient, fromDatabase };
}

/** The first message of a client has no type; every other message has a type and a length. */
function splitMessages(
  { startsBare }: { startsBare: boolean },
  onMessage: (type: string, body: () => Buffer) => void,
) {
  let rest: Buffer = Buffer.alloc(0);
  let bare = startsBare;
  return (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = bare ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      const message = rest.subarray(head + 4, end);
      if (!bare) onMessage(String.fromCharCode(rest[0] ?? 0), () => message);
      bare = false;
      rest = rest.subarray(end);
    }
  };
}
