import { type Extension, installedExtensions } from '../extensions.ts';
import { consentClause } from './consent-clause.ts';
import { didClause } from './did-clause.ts';
import { factClause } from './fact-clause.ts';
import type { Filter, FilterClauses, Leaf } from './filter.ts';
import type { FilterClause } from './filter-clause.ts';
import { identityClause } from './identity-clause.ts';
import { tagClause } from './tag-clause.ts';
import { traitClause } from './trait-clause.ts';

const engineClauses: FilterClause[] = [
  traitClause,
  factClause,
  didClause,
  identityClause,
  consentClause,
  tagClause,
];

const clausesByExtensions = new WeakMap<readonly Extension[], Map<string, FilterClause>>();

/** The clauses of the engine and of the installed domains, by name. */
export function installedClauses(): ReadonlyMap<string, FilterClause> {
  const extensions = installedExtensions();
  const known = clausesByExtensions.get(extensions);
  if (known) return known;
  const all = [...engineClauses, ...extensions.flatMap(({ clauses }) => clauses ?? [])];
  const clauses = new Map(all.map((clause) => [clause.name, clause]));
  clausesByExtensions.set(extensions, clauses);
  return clauses;
}

/** The clause of a leaf, with its input. */
export function requireClause(leaf: Leaf): { clause: FilterClause; input: unknown } {
  const [[name, input] = []] = Object.entries(leaf);
  const clause = name === undefined ? undefined : installedClauses().get(name);
  if (!clause) throw new Error(`No domain declares the filter clause ${name}`);
  return { clause, input };
}

/** Finds the inputs of all clauses with this name in a filter. */
export function inputsOf<Name extends keyof FilterClauses>(
  filter: Filter,
  name: Name,
): Array<FilterClauses[Name]> {
  if ('all' in filter) return filter.all.flatMap((part) => inputsOf(part, name));
  if ('any' in filter) return filter.any.flatMap((part) => inputsOf(part, name));
  if ('not' in filter) return inputsOf(filter.not, name);
  // Each name has one type of input.
  return name in filter ? [filter[name as keyof Leaf] as FilterClauses[Name]] : [];
}
