import type { z } from 'zod';
import { type Filter, type Leaf, leafShapes } from './filter.ts';
import { InvalidFilter } from './invalid-filter.ts';

const mostDepth = 8;
const mostNodes = 200;
const kinds = ['all', 'any', 'not', ...Object.keys(leafShapes)];

/**
 * Checks a filter as received; values that are null count as absent.
 *
 * @throws InvalidFilter naming the path to the first fault
 */
export function parseFilter(received: unknown, path = 'where'): Filter {
  let nodes = 0;

  function parse(value: unknown, at: string, depth: number): Filter {
    nodes += 1;
    if (depth > mostDepth) throw new InvalidFilter(at, `is nested more than ${mostDepth} deep`);
    if (nodes > mostNodes) throw new InvalidFilter(at, `is over the limit of ${mostNodes} nodes`);
    const [kind, inner] = onlyEntry(value, at);
    const here = `${at}.${kind}`;
    if (kind === 'all') return { all: parseParts(inner, here, depth) };
    if (kind === 'any') return { any: parseParts(inner, here, depth) };
    if (kind === 'not') return { not: parse(inner, here, depth + 1) };
    return parseLeaf(kind as keyof typeof leafShapes, inner, here);
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
    throw new InvalidFilter(at, `must have exactly one of: ${kinds.join(', ')}`);
  }
  if (!kinds.includes(entry[0])) {
    throw new InvalidFilter(at, `"${entry[0].slice(0, 64)}" is none of: ${kinds.join(', ')}`);
  }
  return entry;
}

function parseLeaf(kind: keyof typeof leafShapes, value: unknown, at: string): Leaf {
  const parsed = leafShapes[kind].safeParse(withoutNulls(value));
  if (!parsed.success) throw describe(parsed.error, at);
  // Each kind was parsed by its own shape.
  return { [kind]: parsed.data } as Leaf;
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
