/** Arrows between files or folders, without those of one to itself. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

export function toArrows(
  imports: readonly { from: string; to: string }[],
  boxOf: (file: string) => string,
): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [source, target] = [boxOf(from), boxOf(to)];
    if (source === target) continue;
    arrows.set(source, (arrows.get(source) ?? new Set()).add(target));
  }
  return arrows;
}

/** The circles, each as the shortest path from one of its boxes back to it. */
export function findCircles(arrows: Arrows): string[][] {
  const circles = new Map<string, string[]>();
  for (const box of arrows.keys()) {
    const circle = pathBack(arrows, box);
    const name = circle?.toSorted().join() ?? '';
    if (circle && !circles.has(name)) circles.set(name, circle);
  }
  return [...circles.values()];
}

function pathBack(arrows: Arrows, start: string): string[] | undefined {
  const paths = new Map([[start, [start]]]);
  for (const [box, path] of paths) {
    for (const next of arrows.get(box) ?? []) {
      if (next === start) return path;
      if (!paths.has(next)) paths.set(next, [...path, next]);
    }
  }
  return undefined;
}
