import { platform } from 'node:os';
import { setTimeout as elapsed } from 'node:timers/promises';
import type { DeliveryOrder } from './delivery-order.ts';
import type { FrameFigures } from './frame-recorder.ts';
import { mergeLatencies } from './latencies.ts';
import type { FleetStatus, Opening } from './socket-fleet.ts';
import { type SocketLoadProcess, startSocketLoadProcess } from './socket-load-process.ts';

/** Below the 10,000 files that some systems allow a process, and the ephemeral ports of one address. */
const maxSocketsPerProcess = 9_500;
const pollMs = 50;

/** Where opening the sockets is not what is measured. */
export const openingPace = { perSecond: 500, maxPending: 100 };

/** Sockets in processes of their own, so that their work does not delay the sender of events. */
export interface SocketLoad {
  /** Resolves when all connections have begun. */
  open(opening: Omit<Opening, 'localAddress'>): Promise<void>;
  status(): Promise<FleetStatus>;
  /** Waits until the status satisfies the condition. @throws after `seconds`, with the status */
  waitUntil(isDone: (status: FleetStatus) => boolean, seconds?: number): Promise<FleetStatus>;
  /** The figures since the last call; every subscription has `nextFrame` frames by now. */
  takeFigures(nextFrame: number): Promise<FrameFigures>;
  takeOrders(): Promise<DeliveryOrder[]>;
  stall(): Promise<void>;
  readAgain(): Promise<void>;
  startChurn(perSecond: number): Promise<void>;
  stopChurn(): Promise<void>;
  end(): Promise<void>;
}

export function startLoad(sockets: number): SocketLoad {
  const count = Math.ceil(sockets / maxSocketsPerProcess);
  const processes = Array.from({ length: count }, startSocketLoadProcess);
  const everywhere = <T>(work: (one: SocketLoadProcess, index: number) => Promise<T>) =>
    Promise.all(processes.map(work));
  const status = async () => mergeStatus(await everywhere((one) => one.call('status')));

  async function waitUntil(isDone: (status: FleetStatus) => boolean, seconds = 60) {
    const deadline = performance.now() + seconds * 1_000;
    for (;;) {
      const current = await status();
      if (isDone(current)) return current;
      if (performance.now() > deadline) {
        throw new Error(`The load did not get on: ${JSON.stringify(current)}`);
      }
      await elapsed(pollMs);
    }
  }

  return {
    async open(opening) {
      await everywhere((one, index) => one.call('open', shareOf(opening, index, count)));
    },
    status,
    waitUntil,
    takeFigures: async (nextFrame) =>
      mergeFigures(await everywhere((one) => one.call('takeFigures', nextFrame))),
    takeOrders: async () => (await everywhere((one) => one.call('takeOrders'))).flat(),
    stall: async () => void (await everywhere((one) => one.call('stall'))),
    readAgain: async () => void (await everywhere((one) => one.call('readAgain'))),
    startChurn: async (perSecond) =>
      void (await everywhere((one) => one.call('startChurn', perSecond / count))),
    stopChurn: async () => void (await everywhere((one) => one.call('stopChurn'))),
    end: async () => void (await everywhere((one) => one.end())),
  };
}

/** Every process but the first connects from an address of its own, which on Linux all of 127.0.0.0/8 are. */
const shareOf = (
  opening: Omit<Opening, 'localAddress'>,
  index: number,
  count: number,
): Opening => ({
  ...opening,
  variables: opening.variables.filter((_, place) => place % count === index),
  perSecond: opening.perSecond / count,
  maxPending: Math.ceil(opening.maxPending / count),
  localAddress: index > 0 && platform() === 'linux' ? `127.0.0.${1 + index}` : undefined,
});

function mergeStatus(all: readonly FleetStatus[]): FleetStatus {
  const sum = (toValue: (one: FleetStatus) => number) =>
    all.reduce((total, one) => total + toValue(one), 0);
  const closes: Record<string, number> = {};
  for (const [reason, times] of all.flatMap((one) => Object.entries(one.closes))) {
    closes[reason] = (closes[reason] ?? 0) + times;
  }
  return {
    sockets: sum(({ sockets }) => sockets),
    minFrames: Math.min(...all.map(({ minFrames }) => minFrames)),
    maxFrames: Math.max(...all.map(({ maxFrames }) => maxFrames)),
    minHealthyFrames: Math.min(...all.map(({ minHealthyFrames }) => minHealthyFrames)),
    failedFrames: sum(({ failedFrames }) => failedFrames),
    closes,
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}

const mergeFigures = (all: readonly FrameFigures[]): FrameFigures => ({
  frames: all.reduce((total, { frames }) => total + frames, 0),
  latencies: mergeLatencies(all.map(({ latencies }) => latencies)),
  lastArrivals: (all[0]?.lastArrivals ?? new Float64Array()).map((_, frame) =>
    Math.max(...all.map(({ lastArrivals }) => lastArrivals[frame] ?? 0)),
  ),
});
