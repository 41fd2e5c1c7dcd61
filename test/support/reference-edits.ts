import { DateTime } from 'luxon';

export type Person = 'u1' | 'u2' | 'u3';

export interface Decision {
  purpose: string;
  channel: string | null;
  /** Null takes earlier decisions back. */
  granted: boolean | null;
}

/** Something recorded about a customer. */
interface Entry {
  /** The customer it was recorded for. */
  owner: Person;
  at: number;
  isActivity: boolean;
  plan?: string | null | undefined;
  decision?: Decision | undefined;
}

/** What customers, edits by hand, merges and their undoing amount to. Shares no code with the product. */
export function createEditReference(timeZone: string) {
  /** In order of arrival. */
  const entries: Entry[] = [];
  const merges: Array<{ from: Person; into: Person }> = [];

  const survivorOf = (person: Person): Person => {
    const merge = merges.find(({ from }) => from === person);
    return merge ? survivorOf(merge.into) : person;
  };
  const entriesOf = (person: Person) =>
    entries.filter(({ owner }) => survivorOf(owner) === survivorOf(person));
  /** In order of time, at equal times in order of arrival. */
  const sorted = (person: Person) => entriesOf(person).toSorted((a, b) => a.at - b.at);

  return {
    survivorOf,
    isKnown: (person: Person) => entries.some(({ owner }) => owner === person),
    receive: (entry: Omit<Entry, 'isActivity'>) => entries.push({ ...entry, isActivity: true }),
    edit: (entry: Omit<Entry, 'isActivity'>) =>
      entries.push({ ...entry, owner: survivorOf(entry.owner), isActivity: false }),
    merge: (from: Person, into: Person) =>
      merges.push({ from: survivorOf(from), into: survivorOf(into) }),
    undo: () => merges.pop(),
    factsOf(person: Person) {
      const times = sorted(person).flatMap(({ at, isActivity }) => (isActivity ? at : []));
      const days = times.map((at) => DateTime.fromMillis(at, { zone: timeZone }).toISODate());
      return {
        firstSeenAt: new Date(Math.min(...times)).toISOString(),
        lastSeenAt: new Date(Math.max(...times)).toISOString(),
        eventCount: times.length,
        activeDays: new Set(days).size,
      };
    },
    planOf: (person: Person) =>
      sorted(person).findLast(({ plan }) => plan !== undefined)?.plan ?? undefined,
    stateOf(person: Person, purpose: string, channel: string | null) {
      const granted = sorted(person).findLast(
        ({ decision }) =>
          decision?.purpose === purpose &&
          (decision.channel === null || decision.channel === channel),
      )?.decision?.granted;
      return granted == null ? 'UNKNOWN' : granted ? 'GRANTED' : 'DENIED';
    },
  };
}
