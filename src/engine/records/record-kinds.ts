import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { perInstallation } from '../extensions.ts';
import type { RecordKind } from './record-kind.ts';

/** The record that an event reports. */
export interface RecordReference {
  kind: string;
  /** Null for an event without a key, which is a record of its own. */
  key: string | null;
}

const recordKinds = perInstallation(
  (extensions) =>
    new Map(
      extensions.flatMap(({ recordKinds = [] }) => recordKinds).map((kind) => [kind.name, kind]),
    ),
);

const kindsByEffect = perInstallation(
  () =>
    new Map(
      [...recordKinds().values()].flatMap((kind) => kind.effects.map((effect) => [effect, kind])),
    ),
);

/** @throws Error if no domain declares this kind */
export function requireRecordKind(name: string): RecordKind {
  const kind = recordKinds().get(name);
  if (!kind) throw new Error(`The kind of record "${name}" does not exist.`);
  return kind;
}

/** The record that an event reports; null if its effect belongs to no kind. A key that stands for nothing is none. */
export function recordOf(
  effect: string | null,
  properties: Record<string, unknown>,
  placeholders: PlaceholderIds,
): RecordReference | null {
  const kind = effect === null ? undefined : kindsByEffect().get(effect);
  if (!kind) return null;
  const key = keyOf(properties[kind.keyProperty]);
  return { kind: kind.name, key: key !== null && placeholders.has(key) ? null : key };
}

const maxKeyLength = 256;

/** A number and its text are the same key. */
export function keyOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  const key = typeof text === 'string' ? text.trim() : '';
  return key === '' || key.length > maxKeyLength ? null : key;
}
