import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { perInstallation } from '../extensions.ts';
import type { RecordKind } from './record-kind.ts';

export interface RecordKey {
  kind: string;
  /** Null for an event without a key, which is a record of its own. */
  key: string | null;
}

/** The record that an event reports. */
export interface RecordReference extends RecordKey {
  /** The id of the part of the record that the event reports; null for none. */
  part: string | null;
}

const recordKinds = perInstallation(
  (extensions) =>
    new Map(
      extensions.flatMap(({ recordKinds = [] }) => recordKinds).map((kind) => [kind.name, kind]),
    ),
);

const kindsByEffect = perInstallation(() => {
  const pairs = [...recordKinds().values()].flatMap((kind) =>
    kind.effects.map((effect) => ({ effect, kind })),
  );
  return Map.groupBy(pairs, ({ effect }) => effect);
});

/** The names of properties that are amounts, if the event has a currency. */
export const amountProperties = perInstallation(
  () => new Set([...recordKinds().values()].flatMap(({ amountProperties: names = [] }) => names)),
);

/** @throws Error if no domain declares this kind */
export function requireRecordKind(name: string): RecordKind {
  const kind = recordKinds().get(name);
  if (!kind) throw new Error(`The kind of record "${name}" does not exist.`);
  return kind;
}

/** The record that an event reports; null if its effect belongs to no kind. An id that stands for nothing is none. */
export function recordOf(
  effect: string | null,
  properties: Record<string, unknown>,
  placeholders: PlaceholderIds,
): RecordReference | null {
  const kinds = effect === null ? [] : (kindsByEffect().get(effect) ?? []);
  const idIn = (property: string | undefined) => {
    const id = property === undefined ? null : keyOf(properties[property]);
    return id !== null && placeholders.has(id) ? null : id;
  };
  const references = kinds.map(({ kind: { name, keyProperty, partProperty } }) => ({
    ...{ kind: name, key: idIn(keyProperty), part: idIn(partProperty) },
  }));
  return references.find(({ key }) => key !== null) ?? references.at(-1) ?? null;
}

const maxKeyLength = 256;

/** A number and its text are the same key. */
function keyOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  const key = typeof text === 'string' ? text.trim() : '';
  return key === '' || key.length > maxKeyLength ? null : key;
}
