import type { ApiKey as ApiKeyRow } from '../../prisma/generated/client.ts';
import type { KeyRequest } from '../../src/access/keys.ts';
import { isAllowed, type Scope, scopeDescriptions } from '../../src/access/principal.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable, parseGlobalId } from '../kernel/global-id.ts';
import { addServiceMutation, definePayload } from '../kernel/mutation.ts';
import { addNode, keyedById } from '../kernel/node.ts';
import { createRowBatch } from '../kernel/per-operation.ts';

declare module '../kernel/context.ts' {
  interface Services {
    createKey(workspaceId: string, request: KeyRequest): Promise<NewKey>;
    revokeKey(workspaceId: string, keyId: string): Promise<void>;
  }
}

interface NewKey {
  id: string;
  key: string;
}

const scopeValues = {
  COLLECT: { value: 'collect', description: scopeDescriptions.collect },
  INGEST: { value: 'ingest', description: scopeDescriptions.ingest },
  READ: { value: 'read', description: scopeDescriptions.read },
  WRITE: { value: 'write', description: scopeDescriptions.write },
  ADMIN: { value: 'admin', description: scopeDescriptions.admin },
} as const satisfies Record<Uppercase<Scope>, { value: Scope; description: string }>;

const ApiKeyScope = builder.enumType('ApiKeyScope', {
  description: 'What a key permits.',
  values: scopeValues,
});

const ApiKey = builder.prismaNode('ApiKey', {
  description: 'An API key of the workspace. The key itself is shown once, on creation.',
  // Also required by the type, because `node` returns keys without `apiKeys`.
  authScopes: { admin: true },
  ...keyedById,
  fields: (t) => ({
    name: t.exposeString('name'),
    lastFour: t.exposeString('lastFour', { description: 'The last four characters of the key.' }),
    // The column holds these values only.
    scopes: t.field({ type: [ApiKeyScope], resolve: ({ scopes }) => scopes as Scope[] }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Precise to the minute.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key becomes invalid. Null if it does not expire.',
    }),
  }),
});

const loadApiKey = createRowBatch((tx, where) => tx.apiKey.findMany({ where }));

const findApiKey = async (ctx: RequestContext, id: string): Promise<ApiKeyRow | undefined> =>
  isStorable(id) ? loadApiKey(ctx, id) : undefined;

addNode('ApiKey', async (ctx, key) =>
  ctx.principal && isAllowed(ctx.principal, 'admin') ? findApiKey(ctx, key) : undefined,
);

async function requireApiKey(ctx: RequestContext, id: string): Promise<ApiKeyRow> {
  const found = await findApiKey(ctx, id);
  if (!found) throw new NotFound('key');
  return found;
}

builder.queryField('apiKeys', (t) =>
  t.prismaField({
    type: ['ApiKey'],
    description: 'All keys of the workspace, oldest first, revoked keys included.',
    authScopes: { admin: true },
    resolve: (query, _root, _args, { tx, workspaceId }) =>
      tx.apiKey.findMany({
        ...query,
        where: { workspaceId },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
  }),
);

interface CreatedKey extends NewKey {
  scopes: readonly Scope[];
}

const CreateApiKeyPayload = definePayload<CreatedKey>(
  'CreateApiKeyPayload',
  'The new key.',
  (t) => ({
    allows: t.stringList({
      description: 'What the key permits, one sentence per scope.',
      resolve: ({ scopes }) => scopes.map((scope) => scopeDescriptions[scope]),
    }),
    key: t.exposeString('key', {
      description: 'The key itself. It is not stored and is shown only here.',
    }),
    apiKey: t.field({ type: ApiKey, resolve: ({ id }, _args, ctx) => requireApiKey(ctx, id) }),
  }),
);

const RevokeApiKeyPayload = definePayload<{ id: string }>(
  'RevokeApiKeyPayload',
  'The revoked key.',
  (t) => ({
    apiKey: t.field({ type: ApiKey, resolve: ({ id }, _args, ctx) => requireApiKey(ctx, id) }),
  }),
);

function requireName(text: string): string {
  const name = text.trim();
  if (name.length >= 1 && name.length <= 100 && isStorable(name)) return name;
  throw new InvalidInput('`name` must have 1 to 100 characters.');
}

function requireScopes(scopes: readonly Scope[]): Scope[] {
  if (scopes.length > 0) return [...new Set(scopes)];
  throw new InvalidInput('`scopes` is empty. Pass at least one scope.');
}

function requireFuture(at: Date | null | undefined, now: Date): Date | undefined {
  if (!at || at > now) return at ?? undefined;
  throw new InvalidInput('`expiresAt` lies in the past. Pass a later date, or omit it.');
}

addServiceMutation('createApiKey', {
  type: CreateApiKeyPayload,
  description: 'Creates a key of the workspace. `ApiKeyScope` describes the scopes.',
  scope: 'admin',
  errors: [InvalidInput],
  args: (arg) => ({
    name: arg.string({ required: true, description: 'The purpose of the key, shown to users.' }),
    scopes: arg({ type: [ApiKeyScope], required: true }),
    expiresAt: arg({
      type: 'DateTime',
      description: 'When the key becomes invalid. Default: never.',
    }),
  }),
  parse: ({ name, scopes, expiresAt }, { now }) => ({
    name: requireName(name),
    scopes: requireScopes(scopes),
    expiresAt: requireFuture(expiresAt, now()),
  }),
  call: (request, { services, workspaceId }) => services.createKey(workspaceId, request),
});

addServiceMutation('revokeApiKey', {
  type: RevokeApiKeyPayload,
  description: 'Revokes a key permanently. Connections opened with it are closed within seconds.',
  scope: 'admin',
  errors: [NotFound],
  args: (arg) => ({
    id: arg.id({ required: true, description: 'The id of the key, not the key itself.' }),
  }),
  parse(args) {
    const parsed = parseGlobalId(args.id);
    const id = parsed?.type === 'ApiKey' ? parsed.key : args.id;
    if (!isStorable(id)) throw new NotFound('key');
    return { id };
  },
  call: ({ id }, { services, workspaceId }) => services.revokeKey(workspaceId, id),
});
