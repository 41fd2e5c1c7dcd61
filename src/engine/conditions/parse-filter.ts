import type { z } from 'zod';
import type { Filter, Leaf } from './filter.ts';
import type { FilterClause } from './filter-clause.ts';
import { installedClauses } from './filter-clauses.ts';
import { InvalidFilter } from './invalid-filter.ts';

const maxDepth = 8;
const maxNodes = 200;
const names = () => ['all', 'any', 'not', ...installedClauses().keys()];

/**
 * Checks a filter as received; values that are null count as absent.
 *
 * @throws InvalidFilter naming the path to the first fault
 */
export function parseFilter(received: unknown, path = 'where'): Filter {
  let nodes = 0;

  function parse(value: unknown, at: string, depth: number): Filter {
    nodes += 1;
    if (depth > maxDepth) throw new InvalidFilter(at, `is nested more than ${maxDepth} deep`);
    if (nodes > maxNodes) throw new InvalidFilter(at, `is over the limit of ${maxNodes} nodes`);
    const [kind, inner] = onlyEntry(value, at);
    const here = `${at}.${kind}`;
    if (kind === 'all') return { all: parseParts(inner, here, depth) };
    if (kind === 'any') return { any: parseParts(inner, here, depth) };
    if (kind === 'not') return { not: parse(inner, here, depth + 1) };
    const clause = installedClauses().get(kind);
    if (clause) return parseLeaf(clause, inner, here);
    throw new InvalidFilter(at, `"${kind.slice(0, 64)}" is none of: ${names().join(', ')}`);
  }

  function parseParts(value: unknown, at: string, depth: number): Filter[] {
    if (!Array.isArray(value)) throw new InvalidFilter(at, 'must be a list of filters');
    return value.map((part, index) => parse(part, `${at}.${index}`, depth + 1));
  }

  return parse(received, path, 1);
}

function onlyEntry(value: unknown, at: string): [string, unknown] {
  const entries = isObject(value) ? Object.entries(value).filter(([, part]) => part != null) : [];
  const [entry] = entries;
  if (entries.length !== 1 || !entry) {
    throw new InvalidFilter(at, `must have exactly one of: ${names().join(', ')}`);
  }
  return entry;
}

function parseLeaf({ name, input }: FilterClause, value: unknown, at: string): Leaf {
  const parsed = input.safeParse(withoutNulls(value));
  if (!parsed.success) throw describe(parsed.error, at);
  // Each clause is parsed by its own shape.
  return { [name]: parsed.data } as Leaf;
}

function describe(error: z.ZodError, at: string): InvalidFilter {
  const [issue] = error.issues;
  const path = [at, ...(issue?.path ?? [])].join('.');
  return new InvalidFilter(path, issue?.message ?? 'is not understood');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, part]) => part != null);
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutNulls(part)]));
}
