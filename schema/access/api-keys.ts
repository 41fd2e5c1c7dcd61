import type { ApiKey as ApiKeyRow } from '../../prisma/generated/client.ts';
import type { KeyRequest } from '../../src/access/keys.ts';
import { isAllowed, type Scope, scopeDescriptions } from '../../src/access/principal.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { isStorable, parseGlobalId } from '../kernel/global-id.ts';
import { addNode } from '../kernel/node.ts';
import { createBatch, leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';

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
  INGEST: { value: 'ingest', description: scopeDescriptions.ingest },
  READ: { value: 'read', description: scopeDescriptions.read },
  WRITE: { value: 'write', description: scopeDescriptions.write },
  ADMIN: { value: 'admin', description: scopeDescriptions.admin },
} as const satisfies Record<Uppercase<Scope>, { value: Scope; description: string }>;

const ApiKeyScope = builder.enumType('ApiKeyScope', {
  description: 'What a key may do.',
  values: scopeValues,
});

const ApiKey = builder.prismaNode('ApiKey', {
  description: 'A key of the workspace. The key itself is shown once, when it is made.',
  // Asked of the type too, since `node` leads here past `apiKeys`.
  authScopes: { admin: true },
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    name: t.exposeString('name'),
    lastFour: t.exposeString('lastFour', { description: 'The last four characters of the key.' }),
    // The column is a list of texts; nothing else is written into it than these.
    scopes: t.field({ type: [ApiKeyScope], resolve: ({ scopes }) => scopes as Scope[] }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Kept with a precision of minutes.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key becomes invalid; null if it does not expire.',
    }),
  }),
});

const loadApiKey = createBatch<ApiKeyRow>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.apiKey.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

const findApiKey = async (ctx: RequestContext, id: string): Promise<ApiKeyRow | undefined> =>
  isStorable(id) ? loadApiKey(ctx, id, undefined) : undefined;

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
    description: 'All keys of the workspace, the oldest first, revoked ones included.',
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

const CreateApiKeyPayload = builder.objectRef<CreatedKey>('CreateApiKeyPayload').implement({
  authScopes: coveredByMutation,
  description: 'A new key.',
  fields: (t) => ({
    allows: t.stringList({
      description: 'What the key allows, one sentence per scope.',
      resolve: ({ scopes }) => scopes.map((scope) => scopeDescriptions[scope]),
    }),
    key: t.exposeString('key', {
      description: 'The key itself. It is kept nowhere and shown only here: store it now.',
    }),
    apiKey: t.field({
      type: ApiKey,
      resolve: ({ id }, _args, ctx) => requireApiKey(ctx, id),
    }),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<{ id: string }>('RevokeApiKeyPayload').implement({
  authScopes: coveredByMutation,
  description: 'The key that is no longer taken.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKey,
      resolve: ({ id }, _args, ctx) => requireApiKey(ctx, id),
    }),
  }),
});

function requireName(text: string): string {
  const name = text.trim();
  if (name.length >= 1 && name.length <= 100 && isStorable(name)) return name;
  throw new InvalidInput('The name of a key has 1 to 100 characters.');
}

function requireScopes(scopes: readonly Scope[]): Scope[] {
  if (scopes.length > 0) return [...new Set(scopes)];
  throw new InvalidInput('A key needs at least one scope.');
}

function requireFuture(at: Date | null | undefined, now: Date): Date | undefined {
  if (!at || at > now) return at ?? undefined;
  throw new InvalidInput('expiresAt lies in the past. Give a later date, or none.');
}

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload,
    description: 'Makes a key of the workspace. `ApiKeyScope` says what each scope allows.',
    authScopes: { admin: true },
    errors: { types: [InvalidInput] },
    args: {
      name: t.arg.string({ required: true, description: 'For people: what it is used for.' }),
      scopes: t.arg({ type: [ApiKeyScope], required: true }),
      expiresAt: t.arg({
        type: 'DateTime',
        description: 'When the key becomes invalid, in the future. It does not expire if absent.',
      }),
    },
    resolve: async (_root, args, ctx) => {
      const request = {
        name: requireName(args.name),
        scopes: requireScopes(args.scopes),
        expiresAt: requireFuture(args.expiresAt, ctx.now()),
      };
      await leaveSnapshot(ctx);
      const created = await ctx.services.createKey(ctx.workspaceId, request);
      return { ...created, scopes: request.scopes };
    },
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload,
    description: 'Ends a key for good, and within seconds every connection made with it.',
    authScopes: { admin: true },
    errors: { types: [NotFound] },
    args: { id: t.arg.id({ required: true, description: 'The id of the key, not the key.' }) },
    resolve: async (_root, args, ctx) => {
      const parsed = parseGlobalId(args.id);
      const id = parsed?.type === 'ApiKey' ? parsed.key : args.id;
      if (!isStorable(id)) throw new NotFound('key');
      await leaveSnapshot(ctx);
      await ctx.services.revokeKey(ctx.workspaceId, id);
      return { id };
    },
  }),
}));
