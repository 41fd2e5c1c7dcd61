import {
  counted,
  type Interpretation,
  ignored,
  type RecordKind,
  type ReportedRecord,
} from '../../../engine/records/record-kind.ts';
import { deleteProjection, storeProjection } from '../projections/store-projection.ts';

/** A lead as its reports describe it. */
interface LeadState {
  id: string;
  /** The customer of the report that arrived first. */
  customerId: string;
  capturedAt: Date;
}

export const leadKind: RecordKind = {
  name: 'LEAD',
  effects: ['lead'],
  keyProperty: 'lead_id',
  check: () => undefined,
  interpret: interpretLead,
  store: (db, states) =>
    storeProjection<LeadState>(db, 'lead', states, {
      customer_id: ['uuid', ({ customerId }) => customerId],
      captured_at: ['timestamptz', ({ capturedAt }) => capturedAt],
    }),
  remove: (db, keys) => deleteProjection(db, 'lead', keys),
};

/** The earliest report counts, the others as nothing. */
export function interpretLead({ key, reports }: ReportedRecord): Interpretation {
  const [first] = reports.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const state = first && { id: key, customerId: reports[0]?.customerId, capturedAt: first.at };
  return {
    meanings: reports.map((report) =>
      report === first ? { ...counted, effect: report.effect } : ignored,
    ),
    state: key === null ? undefined : state,
  };
}
