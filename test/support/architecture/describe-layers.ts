import { layers } from './layers.ts';

const lastWord = (part: string) => part.split('/').at(-1)?.replace(/\.ts$/, '') ?? part;

/** Generates the part of the README that describes the layers. */
export function describeLayers(): string {
  const domains = layers.find(({ name }) => name === 'domains')?.parts.map(lastWord) ?? [];
  const graph = layers.slice(1).map((_layer, index) => `  l${index} --> l${index + 1}`);
  const boxes = layers.map(({ name, does }, index) => `  l${index}["${name}: ${does}"]`);
  return [
    `Imports point one way: ${layers.map(({ name }) => name).join(' → ')}.`,
    `The domains; later ones may import earlier ones: ${domains.join(', ')}.`,
    '',
    '```mermaid',
    'flowchart TD',
    ...boxes,
    ...graph,
    '```',
  ].join('\n');
}
