import { isDeepStrictEqual } from 'node:util';
import {
  counted,
  type Interpretation,
  ignored,
  type Report,
  type ReportedRecord,
} from '../../../engine/records/record-kind.ts';

/** A subscription as its reports describe it. */
export interface SubscriptionState {
  id: string;
  /** The customer of the report that arrived first. */
  customerId: string;
  status: 'ACTIVE' | 'CANCELLED';
  plan: string | null;
  startedAt: Date | null;
  /** The latest renewal. */
  renewedAt: Date | null;
  renewals: number;
  /** The latest cancellation; it may have started again since. */
  cancelledAt: Date | null;
}

type Reports = readonly Report[];

/** Repeated reports count as nothing; the others count as they would by themselves. */
export function interpretSubscription({ key, reports }: ReportedRecord): Interpretation {
  const inOrder = reports.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const kept: Report[] = [];
  for (const report of inOrder) if (!isRepeat(report, kept)) kept.push(report);
  return {
    meanings: reports.map((report) =>
      kept.includes(report) ? { ...counted, effect: report.effect } : ignored,
    ),
    state: key === null ? undefined : describe(key, reports, kept),
  };
}

/**
 * The same at the same time, a cancellation of a cancelled subscription, or the start of one that runs on these terms.
 * A later renewal is a renewal.
 */
function isRepeat({ effect, at, properties }: Report, before: Reports): boolean {
  const same = before.filter((other) => other.effect === effect);
  if (same.some((other) => other.at.getTime() === at.getTime())) return true;
  const last = before.findLast((other) => other.effect !== renewed);
  if (effect === renewed || last?.effect !== effect) return false;
  return effect === cancelled || isDeepStrictEqual(last.properties, properties);
}

const renewed = 'subscription_renewed';
const cancelled = 'subscription_cancelled';

function describe(id: string, arrived: Reports, kept: Reports): SubscriptionState {
  const lastOf = (effect: string) =>
    kept.findLast((report) => report.effect === effect)?.at ?? null;
  const plans = kept.flatMap(({ properties: { plan } }) =>
    typeof plan === 'string' ? [plan] : [],
  );
  return {
    id,
    customerId: arrived[0]?.customerId ?? '',
    status: kept.at(-1)?.effect === cancelled ? 'CANCELLED' : 'ACTIVE',
    plan: plans.at(-1) ?? null,
    startedAt: kept.find(({ effect }) => effect === 'subscription_started')?.at ?? null,
    renewedAt: lastOf(renewed),
    renewals: kept.filter(({ effect }) => effect === renewed).length,
    cancelledAt: lastOf(cancelled),
  };
}
