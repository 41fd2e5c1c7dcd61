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

/** The record that an event reports; null if its effect belongs to no kind. */
export function recordOf(
  effect: string | null,
  properties: Record<string, unknown>,
): RecordReference | null {
  const kind = effect === null ? undefined : kindsByEffect().get(effect);
  return kind ? { kind: kind.name, key: keyOf(properties[kind.keyProperty]) } : null;
}

const maxKeyLength = 256;

/** A number and its text are the same key. */
export function keyOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  const key = typeof text === 'string' ? text.trim() : '';
  return key === '' || key.length > maxKeyLength ? null : key;
}
