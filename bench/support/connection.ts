import { Agent, type IncomingMessage, request } from 'node:http';

export interface BenchResponse {
  status: number;
  text: string;
  /** When the request was written and when the response began to arrive; ms of the monotonic clock. */
  sentAt: number;
  answeredAt: number;
}

/** One keep-alive connection, whose requests run one after another. */
export interface Connection {
  post(path: string, body: Buffer): Promise<BenchResponse>;
  close(): void;
}

export function openBenchConnection(url: string, key: string): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': body.length,
        };
        const sent = request({ hostname, port, path, agent, headers, method: 'POST' });
        const sentAt = performance.now();
        sent.once('response', (response: IncomingMessage) => {
          const answeredAt = performance.now();
          collect(response).then(
            (text) => resolve({ status: response.statusCode ?? 0, text, sentAt, answeredAt }),
            reject,
          );
        });
        sent.once('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Runs `work` with `count` connections to the server and closes them. */
export async function withConnections<T>(
  { url, key, count }: { url: string; key: string; count: number },
  work: (connections: Connection[]) => Promise<T>,
): Promise<T> {
  const connections = Array.from({ length: count }, () => openBenchConnection(url, key));
  try {
    return await work(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Posts one GraphQL operation and returns its data. */
export async function askGraphQL<Data>(
  connection: Connection,
  query: string,
  variables: object = {},
): Promise<Data> {
  const { text } = await connection.post('/graphql', operationBody(query, variables));
  const { data, errors } = JSON.parse(text) as { data: Data; errors?: unknown };
  if (errors) throw new Error(`The response has errors: ${JSON.stringify(errors)}`);
  return data;
}

export const operationBody = (query: string, variables: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ query, variables }));
