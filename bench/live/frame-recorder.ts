import { preciseNow } from './clock.ts';
import { addDelivery, type DeliveryOrder } from './delivery-order.ts';
import { addLatency, type Latencies } from './latencies.ts';

/** One subscription of a load, which outlives its connections. */
export interface SocketState {
  readonly index: number;
  frames: number;
  /** Of the last frame; a new connection resumes from it. */
  cursor: string | undefined;
  /** Of the subscriptions whose frames are all parsed. */
  readonly order: DeliveryOrder | undefined;
  /** A subscription that has stalled counts frames, but not their time of arrival. */
  hasStalled: boolean;
}

export interface FrameFigures {
  frames: number;
  /** From `recordedAt` of the change to the arrival of a sample of the frames. */
  latencies: Latencies;
  /** When the last subscription received its n-th frame, in ms since 1970; from the first counted frame on. */
  lastArrivals: Float64Array;
}

/** One frame of so many of a connection is searched for its time. */
const sampledShare = 16;
const maxFramesPerSocket = 2 ** 20;
const recordedAt = Buffer.from('"recordedAt":"');
/** Where the data of a frame begins, which are `null` when it delivers errors. */
const dataOffset = '{"id":"1","type":"next","payload":{"data":'.length;
const brace = 0x7b;
const instantBytes = '2026-11-29T10:00:00.000Z'.length;

/** Counts the frames of all connections of a process. */
export function createFrameRecorder() {
  const lastArrivals = new Float64Array(maxFramesPerSocket);
  let latencies: Latencies = new Map();
  let frames = 0;
  let failedFrames = 0;
  let first = 0;

  function recordFailure(text: Buffer) {
    if (failedFrames === 0) console.error('A frame has errors:', text.toString());
    failedFrames += 1;
  }

  function recordArrival({ frames: ordinal, index }: SocketState, text: () => Buffer) {
    lastArrivals[ordinal] = preciseNow();
    if (ordinal % sampledShare !== index % sampledShare) return;
    addLatency(latencies, Date.now() - readRecordedAt(text()));
  }

  return {
    record(state: SocketState, bytes: Buffer, start: number, end: number) {
      const text = () => bytes.subarray(start, end);
      const hasFailed = bytes[start + dataOffset] !== brace;
      if (hasFailed) recordFailure(text());
      else if (!state.hasStalled) recordArrival(state, text);
      if (state.order && !hasFailed) addDelivery(state.order, parseCursor(text()));
      state.frames += 1;
      frames += 1;
    },
    /** How many frames delivered errors instead of a change. */
    failedFrames: () => failedFrames,
    /** The figures since the last call. `nextFrame` is the number of frames that every subscription has by now. */
    takeFigures(nextFrame: number): FrameFigures {
      const arrivals = lastArrivals.slice(first, nextFrame);
      const figures = { frames, latencies, lastArrivals: arrivals };
      latencies = new Map();
      frames = 0;
      first = nextFrame;
      return figures;
    },
  };
}

export type FrameRecorder = ReturnType<typeof createFrameRecorder>;

function readRecordedAt(text: Buffer): number {
  const at = text.indexOf(recordedAt);
  if (at < 0) throw new Error(`A frame has no time: ${text.toString()}`);
  const start = at + recordedAt.length;
  return Date.parse(text.toString('latin1', start, start + instantBytes));
}

function parseCursor(text: Buffer): string {
  const { payload } = JSON.parse(text.toString()) as {
    payload: { data: { stageChanged: { cursor: string } } };
  };
  return payload.data.stageChanged.cursor;
}
