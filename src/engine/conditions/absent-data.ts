/** The data that all of some customers lack: columns that are null, missing traits, names of events never tracked. */
export interface AbsentData {
  columns: ReadonlySet<string>;
  traits: ReadonlySet<string>;
  eventNames: ReadonlySet<string>;
}

export const noAbsentData: AbsentData = {
  columns: new Set(),
  traits: new Set(),
  eventNames: new Set(),
};
