/** One report of an order, as the test sends it. */
export interface OrderReport {
  event: 'Order Completed' | 'Order Updated' | 'Order Cancelled' | 'Order Refunded';
  orderId: string;
  /** After the start of the test's day. */
  minute: number;
  fields: {
    total?: number;
    currency?: 'USD' | 'EUR';
    status?: 'pending' | 'paid';
    test?: boolean;
    refund_id?: string;
  };
}

/** One correct report of what happened: an order and its refunds. */
export interface CorrectReport {
  event: 'Order Completed' | 'Order Refunded';
  minute: number;
  /** Without an order_id, so that each event counts by itself. */
  properties: { total: number; currency: string };
}

/** What one correct report of each order and refund would have been, given reports in the order of arrival. */
export function correctReports(reports: readonly OrderReport[]): CorrectReport[] {
  const byOrder = new Map<string, OrderReport[]>();
  for (const report of reports) {
    const others = byOrder.get(report.orderId) ?? [];
    byOrder.set(report.orderId, [...others, report]);
  }
  return [...byOrder.values()].flatMap(correctOrder);
}

function correctOrder(arrived: OrderReport[]): CorrectReport[] {
  const reports = arrived.toSorted((a, b) => a.minute - b.minute);
  const of = (...events: OrderReport['event'][]) =>
    reports.filter(({ event }) => events.includes(event));
  const [first] = of('Order Completed');
  if (!first || of('Order Cancelled').length > 0) return [];
  const latest = <Field extends keyof OrderReport['fields']>(field: Field) =>
    of('Order Completed', 'Order Updated').findLast(({ fields }) => fields[field] !== undefined)
      ?.fields[field];
  if (latest('status') === 'pending' || latest('test')) return [];
  const total = latest('total') ?? 0;
  const currency = latest('currency') ?? 'USD';
  return [
    { event: 'Order Completed', minute: first.minute, properties: { total, currency } },
    ...correctRefunds(of('Order Refunded'), total, currency),
  ];
}

function correctRefunds(
  reports: OrderReport[],
  orderTotal: number,
  currency: string,
): CorrectReport[] {
  let rest = orderTotal;
  const seen = new Set<string>();
  const correct: CorrectReport[] = [];
  for (const { minute, fields } of reports) {
    const id = fields.refund_id;
    if (id !== undefined && seen.has(id)) continue;
    if (id !== undefined) seen.add(id);
    const said = reports
      .filter((other) =>
        id === undefined ? other.fields === fields : other.fields.refund_id === id,
      )
      .findLast((other) => other.fields.total !== undefined)?.fields.total;
    const total = Math.min(said ?? rest, rest);
    rest -= total;
    correct.push({ event: 'Order Refunded', minute, properties: { total, currency } });
  }
  return correct;
}
