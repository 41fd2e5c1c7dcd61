import { isDeepStrictEqual } from 'node:util';
import {
  type Interpretation,
  ignored,
  type Meaning,
  type Report,
  type ReportedRecord,
} from './record-kind.ts';
import { type RecordKey, requireRecordKind } from './record-kinds.ts';

/** A report with the present owner of its customer's history. */
export interface OwnedReport extends Report {
  survivorId: string;
  /** What its event counts as at present. */
  meaning: Meaning;
}

/** What an event counts as from now on. */
export interface Correction {
  eventId: string;
  /** Whose facts are derived from the event. */
  survivorId: string;
  before: Meaning;
  meaning: Meaning;
  /** Whether facts change, and not only the properties that conditions read. */
  changesFacts: boolean;
}

interface OwnedInterpretation extends Interpretation {
  /** The customer that the record belongs to, after merges; undefined if others may have one with this key. */
  ownerId: string | undefined;
}

/** Beyond so many, further reports of a record change nothing, so that a repeated one does not cost more and more. */
export const maxReports = 100;

/**
 * Interprets a record. It belongs to the customer whose report a server sent first or, without one, that arrived first:
 * everyone has the key of a browser.
 */
export function interpretRecord(
  { kind: name, key }: RecordKey,
  reports: readonly OwnedReport[],
  stored: Pick<ReportedRecord, 'currency' | 'isNew'>,
): OwnedInterpretation {
  const kind = requireRecordKind(name);
  const known = reports.slice(0, maxReports);
  const first = known.find(({ trust }) => trust === 'SERVER') ?? known[0];
  const meanings = new Map<string, Meaning>();
  const interpret = (own: readonly OwnedReport[]) => {
    const interpreted = kind.interpret({ key, reports: own, ...stored });
    for (const [index, meaning] of interpreted.meanings.entries()) {
      meanings.set(own[index]?.eventId ?? '', meaning);
    }
    return interpreted.state;
  };
  const { own = [], others = [] } = Object.groupBy(known, ({ survivorId }) =>
    survivorId === first?.survivorId ? 'own' : 'others',
  );
  const state = interpret(own);
  if (!kind.identifiesCustomer) {
    for (const group of Map.groupBy(others, ({ survivorId }) => survivorId).values()) {
      interpret(group);
    }
  }
  return {
    meanings: reports.map(({ eventId }) => meanings.get(eventId) ?? ignored),
    state,
    ownerId: kind.identifiesCustomer && first?.survivorId,
  };
}

/** The reports whose events count as something else than before. */
export const correctionsOf = (
  reports: readonly OwnedReport[],
  meanings: readonly Meaning[],
): Correction[] =>
  reports.flatMap(({ eventId, survivorId, meaning: before }, index) => {
    const meaning = meanings[index];
    if (!meaning || isDeepStrictEqual(before, meaning)) return [];
    return [{ eventId, survivorId, before, meaning, changesFacts: !foldsAlike(before, meaning) }];
  });

const foldsAlike = (a: Meaning, b: Meaning) =>
  a.effect === b.effect && a.amount === b.amount && a.currency === b.currency;
