/** The values of the message on standard output when the server is ready. */
export interface Banner {
  url: string;
  workspace: string;
  hasAdminKey: boolean;
  demoKey?: string;
}

const subscription =
  'subscription { stageChanged { ... on StageChanged { at fromKey toKey customer { name orderCount } } ... on StreamReset { reason cursor } } }';

const watch = (url: string, key: string) => `curl -N ${url}/graphql \\
  -H 'Authorization: Bearer ${key}' \\
  -H 'Accept: text/event-stream' -H 'Content-Type: application/json' \\
  -d '{"query":"${subscription}"}'`;

const keyHint = ({ workspace }: Banner) => `  To create a key for your own data:
    npm run stageline -- key create --workspace "${workspace}" --scopes ingest,read,write`;

export function banner(values: Banner): string {
  const { url, demoKey, hasAdminKey, workspace } = values;
  const parts = [`Stageline is ready at ${url}  (GraphQL and GraphiQL at ${url}/graphql)`];
  if (demoKey) {
    parts.push(`  A simulated demo shop is running. API key: ${demoKey}
  GraphiQL with this key: ${url}/graphql#key=${demoKey}
  To watch its customers change stage:

${watch(url, demoKey)}
`);
  }
  parts.push(
    hasAdminKey
      ? `  STAGELINE_ADMIN_KEY is the admin key of the workspace "${workspace}".`
      : keyHint(values),
  );
  return `\n${parts.join('\n\n')}\n\n`;
}
