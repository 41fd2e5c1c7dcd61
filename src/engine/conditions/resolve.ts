import type { Condition } from './condition.ts';
import type { Filter } from './filter.ts';
import type { FilterOwner } from './filter-clause.ts';
import { requireClause } from './filter-clauses.ts';
import { InvalidFilter } from './invalid-filter.ts';
import type { Vocabulary } from './vocabulary.ts';

const maxNodes = 5_000;

/**
 * Converts a filter to a condition, with its names resolved.
 *
 * @throws InvalidFilter for unknown names and for definitions that refer to themselves
 */
export function resolveFilter(
  filter: Filter,
  vocabulary: Vocabulary,
  path = 'where',
  owner: FilterOwner = {},
): Condition {
  let nodes = 0;

  function resolve(node: Filter, at: string, enclosing: readonly string[]): Condition {
    nodes += 1;
    if (nodes > maxNodes) {
      throw new InvalidFilter(
        at,
        `has more than ${maxNodes} nodes, including the definitions that it refers to`,
      );
    }
    // A part of another definition has no path in the filter received.
    const under = (part: string) => (enclosing.length === 0 ? `${at}.${part}` : at);
    const each = (parts: Filter[], kind: string) =>
      parts.map((part, index) => resolve(part, under(`${kind}.${index}`), enclosing));
    if ('all' in node) return { all: each(node.all, 'all') };
    if ('any' in node) return { any: each(node.any, 'any') };
    if ('not' in node) return { not: resolve(node.not, under('not'), enclosing) };
    const { clause, input } = requireClause(node);
    const here = under(clause.name);
    const resolveWithin = (id: string, part: Filter) => resolve(part, here, [...enclosing, id]);
    return clause.resolve(input, { vocabulary, path: here, owner, enclosing, resolveWithin });
  }

  return resolve(filter, path, []);
}
