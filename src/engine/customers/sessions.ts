/** The inactivity that ends a session: 30 minutes, as is usual in web analytics. */
export const sessionTimeoutMs = 30 * 60_000;

/**
 * The change in the number of a customer's sessions by one more view: 1 if it starts a session, 0 if it extends one,
 * -1 if it joins two. `views` has the instants (ms) of the views counted so far, at least those within the
 * timeout of `at`. The total does not depend on the order of arrival. Decision 0004.
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
