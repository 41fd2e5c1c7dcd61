/** Thirty minutes of inactivity end a session, as is usual in web analytics. In ms. */
export const sessionTimeoutMs = 30 * 60_000;

/**
 * By how many one more view changes the number of a customer's sessions: it begins one (1), lengthens one
 * (0), or joins two that were thought apart (-1). `views` holds the instants (ms) of the views already
 * counted, those within a pause of `at` at least. The total does not depend on the order of arrival.
 * Decision 0004.
 */
export function sessionsAdded(views: readonly number[], at: number): number {
  const near = views.filter((view) => Math.abs(view - at) <= sessionTimeoutMs);
  const before = Math.max(...near.filter((view) => view <= at));
  const after = Math.min(...near.filter((view) => view >= at));
  if (near.length === 0) return 1;
  const joins =
    Number.isFinite(before) && Number.isFinite(after) && after - before > sessionTimeoutMs;
  return joins ? -1 : 0;
}
