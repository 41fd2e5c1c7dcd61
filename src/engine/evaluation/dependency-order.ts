/** Sorts items topologically, otherwise in their order. */
export function inDependencyOrder<Item>(
  items: readonly Item[],
  dependenciesOf: (item: Item) => Iterable<Item>,
): Item[] {
  const visited = new Set<Item>();
  const ordered: Item[] = [];
  const visit = (item: Item) => {
    if (visited.has(item)) return;
    visited.add(item);
    for (const dependency of dependenciesOf(item)) visit(dependency);
    ordered.push(item);
  };
  for (const item of items) visit(item);
  return ordered;
}
