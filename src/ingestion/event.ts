/** What became of one call of a batch; the caller gets one per call, in order. */
export type EventResult =
  | { status: 'accepted' | 'duplicate'; messageId: string }
  | { status: 'refused'; messageId: string | null; code: string; message: string };
