/** A run of page and screen views without a pause longer than `sessionPause`; instants in ms. */
export interface Session {
  start: number;
  end: number;
}

/** Thirty minutes of inactivity end a session, as is usual in web analytics. */
export const sessionPause = 30 * 60_000;

/**
 * Adds one view to a customer's sessions in place: it begins one, lengthens one, or joins two that
 * were thought apart. The result does not depend on the order in which views arrive.
 */
export function addToSessions(sessions: Session[], at: number): void {
  const near = sessions.filter(
    ({ start, end }) => at >= start - sessionPause && at <= end + sessionPause,
  );
  const joined = {
    start: Math.min(at, ...near.map(({ start }) => start)),
    end: Math.max(at, ...near.map(({ end }) => end)),
  };
  for (const session of near) sessions.splice(sessions.indexOf(session), 1);
  sessions.push(joined);
}
