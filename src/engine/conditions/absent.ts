import type { FactColumn } from './scope.ts';

/** What none of some customers has: columns that are null, missing traits, names of events never tracked. */
export interface Absent {
  columns: ReadonlySet<FactColumn>;
  traits: ReadonlySet<string>;
  eventNames: ReadonlySet<string>;
}

export const nothingAbsent: Absent = {
  columns: new Set(),
  traits: new Set(),
  eventNames: new Set(),
};
