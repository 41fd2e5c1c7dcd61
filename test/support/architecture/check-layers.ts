import { layers, openPrismaClient, packages } from './layers.ts';
import type { Import } from './read-imports.ts';

const parts = layers.flatMap((layer, index) => layer.parts.map((part) => ({ part, layer, index })));

const isIn = (file: string, part: string) => file === part || file.startsWith(`${part}/`);

/** The layer with the longest path that the file starts with. */
function layerPathOf(file: string) {
  const places = parts.filter(({ part }) => isIn(file, part));
  return places.sort((a, b) => b.part.length - a.part.length)[0];
}

/** Files of the project without a layer. */
export const findUnlistedFiles = (files: readonly string[]): string[] =>
  files.filter((file) => !layerPathOf(file));

/** The violations of the import rules, one sentence each. */
export const findViolations = (imports: readonly Import[]): string[] =>
  imports.flatMap((one) => {
    const problem = problemOf(one);
    return problem ? [`${one.from} imports ${one.to}: ${problem}`] : [];
  });

function problemOf({ from, to, names }: Import): string | undefined {
  if (to.startsWith('prisma/generated')) return problemOfClient(from, names);
  const target = layerPathOf(to);
  const source = layerPathOf(from);
  if (!target || !source) return problemOfPackage(from, to);
  if (target.index < source.index) {
    return `${source.layer.name} is below ${target.layer.name}.`;
  }
  if (source.layer.standsAlone && target.layer !== source.layer) {
    return `${source.layer.name} imports nothing of ours.`;
  }
  const isLater = parts.indexOf(target) > parts.indexOf(source);
  if (target.layer === source.layer && isLater) return `${target.part} comes after ${source.part}.`;
  return undefined;
}

function problemOfPackage(from: string, to: string): string | undefined {
  const rule = packages.find(({ name }) => name.test(to));
  return rule && !rule.only.some((part) => isIn(from, part)) ? rule.because : undefined;
}

function problemOfClient(from: string, names: readonly string[]): string | undefined {
  if (!names.includes('PrismaClient') || openPrismaClient.includes(from)) return undefined;
  return 'The Prisma client must not be opened here. Use the transaction of the caller.';
}
