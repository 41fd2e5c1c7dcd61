import type {
  ImplementableObjectRef,
  InputFieldMap,
  InputShapeFromFields,
  MaybePromise,
  ObjectRef,
} from '@pothos/core';
import type { Principal, Scope } from '../../src/access/principal.ts';
import type { Transaction } from '../../src/platform/database.ts';
import { type DomainError, NotFound } from '../../src/platform/errors.ts';
import { type Arg, builder, type SchemaTypes } from './builder.ts';
import type { RequestContext } from './context.ts';
import { formatGlobalId } from './global-id.ts';
import { leaveSnapshot } from './per-operation.ts';
import { coveredByMutation } from './scopes.ts';

/** What the payload needs besides the request. */
type Rest<Shape, Request> = Request extends Shape ? unknown : Omit<Shape, keyof Request>;

interface MutationOptions<Shape, Args extends InputFieldMap, Request extends object> {
  type: ObjectRef<SchemaTypes, Shape>;
  description: string;
  /** The scope that a key needs; `write` by default. */
  scope?: Scope;
  /** The errors that form a union with the payload. Without any, the payload stands alone. */
  errors?: Array<new (...args: never[]) => DomainError>;
  args: (arg: Arg) => Args;
  /** Reads and validates the arguments in the snapshot of the operation. */
  parse: (args: InputShapeFromFields<Args>, ctx: RequestContext) => MaybePromise<Request>;
}

/** Writes in one transaction, after the snapshot was left. The payload consists of the request and what this returns. */
interface Write<Shape, Request> {
  write: (db: Transaction, request: Request, ctx: RequestContext) => Promise<Rest<Shape, Request>>;
}

/** The same by a service that opens its own transactions. */
interface Call<Shape, Request> {
  call: (request: Request, ctx: RequestContext) => Promise<Rest<Shape, Request>>;
}

export function addMutation<Shape, Args extends InputFieldMap, Request extends object>(
  name: string,
  { write, ...options }: MutationOptions<Shape, Args, Request> & Write<Shape, Request>,
): void {
  addServiceMutation<Shape, Args, Request>(name, {
    ...options,
    call: (request, ctx) => ctx.write((db) => write(db, request, ctx)),
  });
}

export function addServiceMutation<Shape, Args extends InputFieldMap, Request extends object>(
  name: string,
  {
    scope = 'write',
    errors,
    args,
    parse,
    call,
    ...options
  }: MutationOptions<Shape, Args, Request> & Call<Shape, Request>,
): void {
  async function resolve(_root: object, given: InputShapeFromFields<Args>, ctx: RequestContext) {
    const request = await parse(given, ctx);
    await leaveSnapshot(ctx);
    return Object.assign({}, request, await call(request, ctx));
  }
  builder.mutationField(name, (t) =>
    t.field({
      ...options,
      authScopes: { [scope]: true },
      ...(errors && { errors: { types: errors as Array<new () => DomainError> } }),
      args: args(t.arg),
      // The type of a resolver depends on `Shape`, which is open here; `call` guarantees the result.
      resolve: resolve as never,
    }),
  );
}

type Fields<Shape> = NonNullable<
  Parameters<ImplementableObjectRef<SchemaTypes, Shape>['implement']>[0]['fields']
>;

/** Defines the type that a mutation returns: its fields need no scope but the mutation's own. */
export const definePayload = <Shape>(name: string, description: string, fields: Fields<Shape>) =>
  builder.objectRef<Shape>(name).implement({ authScopes: coveredByMutation, description, fields });

/** The payload of a mutation that deletes an object of the type. */
export const defineDeletePayload = (type: string) =>
  definePayload<{ id: string }>(
    `Delete${type}Payload`,
    `The deleted ${type.toLowerCase()}.`,
    (t) => ({ id: t.id({ resolve: ({ id }) => formatGlobalId(type, id) }) }),
  );

/** What was written. Another operation may have deleted it before it is read. @throws NotFound */
export async function requireWritten<T>(what: string, found: Promise<T | undefined>): Promise<T> {
  const row = await found;
  if (row === undefined) throw new NotFound(what);
  return row;
}

/** The principal of an operation that was authorised. */
export function principalOf({ principal }: RequestContext): Principal {
  if (!principal) throw new Error('Authorised without a principal');
  return principal;
}

type Given<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

/** The arguments that were passed: null stands for absent where a value cannot be removed. */
export const withoutNulls = <T extends object>(args: T): Given<T> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value != null)) as Given<T>;
