/** Delivers the large traits that `essay` sets. */
export const essays = `subscription ($after: Cursor) { stageChanged(after: $after) {
  ... on StageChanged { cursor customer { traits } } } }`;
/** A call that makes a delivery of 30 KB. */
export const essay = (n: number) => ({
  type: 'identify',
  userId: `u${n}`,
  traits: { essay: 'x'.repeat(30_000) },
});
