/** What is told on standard output once the server is ready. */
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

const keyHint = ({ workspace }: Banner) => `  A key for your own data:
    npm run stageline -- key create --workspace "${workspace}" --scopes ingest,read,write`;

export function banner(told: Banner): string {
  const { url, demoKey, hasAdminKey, workspace } = told;
  const parts = [`Stageline is ready at ${url}  (GraphQL and GraphiQL at ${url}/graphql)`];
  if (demoKey) {
    parts.push(`  A simulated shop is running. Its key: ${demoKey}
  GraphiQL with that key: ${url}/graphql#key=${demoKey}
  See its customers change stage, live:

${watch(url, demoKey)}
`);
  }
  parts.push(
    hasAdminKey
      ? `  STAGELINE_ADMIN_KEY is the admin key of the workspace "${workspace}".`
      : keyHint(told),
  );
  return `\n${parts.join('\n\n')}\n\n`;
}
