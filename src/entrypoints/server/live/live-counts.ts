import type { Taken } from './group-view.ts';

/**
 * The deliveries of all groups. Each one that was due to a subscriber was sent from what its group keeps, resumed from
 * the log, ended with the subscription, or is waiting: `due` = `sent` + `resumed` + `ended` + waiting.
 */
export interface LiveCounts {
  readonly due: number;
  readonly sent: number;
  readonly resumed: number;
  readonly ended: number;
  /** Results that were executed and serialised. */
  readonly executed: number;
  /** @param due the number of deliveries times the members that they are for */
  onProduced(deliveries: number, due: number): void;
  onTaken(taken: Taken): void;
  /** A subscription ended with deliveries waiting. */
  onLeft(waiting: number): void;
}

export function createLiveCounts(): LiveCounts {
  const counts = { due: 0, sent: 0, resumed: 0, ended: 0, executed: 0 };
  return Object.assign(counts, {
    onProduced(deliveries: number, due: number) {
      counts.executed += deliveries;
      counts.due += due;
    },
    onTaken({ count, live, isPast }: Taken) {
      // Those from before it joined became due with this.
      counts.due += count - live;
      counts[isPast ? 'resumed' : 'sent'] += count;
    },
    onLeft(waiting: number) {
      counts.ended += waiting;
    },
  });
}
