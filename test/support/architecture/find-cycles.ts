/** A graph of imports between files or folders, without self-references. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

export function toImportGraph(
  imports: readonly { from: string; to: string }[],
  boxOf: (file: string) => string,
): ImportGraph {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [source, target] = [boxOf(from), boxOf(to)];
    if (source === target) continue;
    graph.set(source, (graph.get(source) ?? new Set()).add(target));
  }
  return graph;
}

/** Finds the import cycles, each as the shortest path from a node back to it. */
export function findCycles(graph: ImportGraph): string[][] {
  const circles = new Map<string, string[]>();
  for (const box of graph.keys()) {
    const circle = pathBack(graph, box);
    const name = circle?.toSorted().join() ?? '';
    if (circle && !circles.has(name)) circles.set(name, circle);
  }
  return [...circles.values()];
}

function pathBack(graph: ImportGraph, start: string): string[] | undefined {
  const paths = new Map([[start, [start]]]);
  for (const [box, path] of paths) {
    for (const next of graph.get(box) ?? []) {
      if (next === start) return path;
      if (!paths.has(next)) paths.set(next, [...path, next]);
    }
  }
  return undefined;
}
