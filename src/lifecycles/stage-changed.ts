import type { NewChange } from '../changes/kinds.ts';
import type { Transition } from './evaluate.ts';

/** A customer's move as the log keeps it. */
export const stageChanged = ({ lifecycle, to, ...move }: Transition): NewChange => ({
  kind: 'STAGE_CHANGED',
  customerId: move.customerId,
  at: move.at,
  data: {
    lifecycle: lifecycle.id,
    version: lifecycle.version,
    from: move.from,
    to: to.key,
    rule: to.rule,
    cause: move.cause,
    event: move.eventId,
    late: move.late,
  },
});
