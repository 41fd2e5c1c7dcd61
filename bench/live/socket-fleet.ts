import { setTimeout as elapsed } from 'node:timers/promises';
import { type DeliveryOrder, newDeliveryOrder } from './delivery-order.ts';
import { createFrameRecorder, type FrameFigures, type SocketState } from './frame-recorder.ts';
import { type LoadSocket, openLoadSocket, type SocketRequest } from './load-socket.ts';

export interface Opening extends Omit<SocketRequest, 'variables'> {
  /** Of one subscription each. */
  variables: Array<Record<string, unknown>>;
  /** Connections begun per second. */
  perSecond: number;
  /** Connections that wait for the server at a time: more than it accepts in time would be reset. */
  maxPending: number;
  /** One subscription of so many is checked frame by frame, and stalls when asked to. */
  checkedShare: number;
  /** Whether a subscription that is closed or refused comes back with its last cursor; otherwise it is an error. */
  resumes: boolean;
}

export interface FleetStatus {
  sockets: number;
  minFrames: number;
  maxFrames: number;
  /** The frames of the subscriptions that have not stalled. */
  minHealthyFrames: number;
  /** Frames that delivered errors instead of a change. */
  failedFrames: number;
  /** How often the server closed or refused a connection or a subscription, by reason. */
  closes: Record<string, number>;
  cpuSeconds: number;
}

interface Member {
  state: SocketState;
  socket: LoadSocket;
  isLeaving: boolean;
}

const paceMs = 10;
const retryMs = 250;

/** The sockets of one process. */
export function createFleet() {
  const recorder = createFrameRecorder();
  const members: Member[] = [];
  const closes: Record<string, number> = {};
  let opened = 0;
  let subscribed = 0;
  let churn: NodeJS.Timeout | undefined;
  let lastOpening: Opening | undefined;

  function join(opening: Opening, variables: Record<string, unknown>) {
    const index = opened++;
    const order = index % opening.checkedShare === 0 ? newDeliveryOrder() : undefined;
    const state = { index, frames: 0, cursor: undefined, order, hasStalled: false };
    const member = { state, isLeaving: false } as Member;
    connectMember(member, opening, variables);
    members.push(member);
  }

  function connectMember(member: Member, opening: Opening, variables: Record<string, unknown>) {
    const { url, key, query, localAddress } = opening;
    const request = { url, key, query, localAddress, variables };
    member.socket = openLoadSocket(request, member.state, recorder, {
      onSubscribed: () => {
        subscribed += 1;
      },
      onClosed(reason) {
        if (member.isLeaving) return;
        closes[reason] = (closes[reason] ?? 0) + 1;
        if (!opening.resumes) throw new Error(`The server closed a subscription: ${reason}`);
        setTimeout(() => connectMember(member, opening, variables), retryMs * (1 + Math.random()));
      },
    });
  }

  function leave(member: Member | undefined) {
    if (!member) return;
    member.isLeaving = true;
    member.socket.leave();
  }

  return {
    async open(opening: Opening): Promise<void> {
      const began = performance.now();
      lastOpening = opening;
      for (const [index, variables] of opening.variables.entries()) {
        const isEarly = () => ((performance.now() - began) / 1_000) * opening.perSecond < index;
        while (isEarly() || opened - subscribed >= opening.maxPending) await elapsed(paceMs);
        join(opening, variables);
      }
    },
    async status(): Promise<FleetStatus> {
      const frames = members.map(({ state }) => state.frames);
      const healthy = members.filter(({ state }) => !state.hasStalled);
      const { user, system } = process.cpuUsage();
      return {
        sockets: members.length,
        minFrames: Math.min(...frames),
        maxFrames: Math.max(...frames),
        minHealthyFrames: Math.min(...healthy.map(({ state }) => state.frames)),
        failedFrames: recorder.failedFrames(),
        closes,
        cpuSeconds: (user + system) / 1e6,
      };
    },
    takeFigures: async (nextFrame: number): Promise<FrameFigures> =>
      recorder.takeFigures(nextFrame),
    takeOrders: async (): Promise<DeliveryOrder[]> =>
      members.flatMap(({ state }) => state.order ?? []),
    /** The checked subscriptions stop reading. */
    async stall(): Promise<void> {
      for (const { state, socket } of members.filter((member) => member.state.order)) {
        state.hasStalled = true;
        socket.pause();
      }
    },
    async readAgain(): Promise<void> {
      for (const { socket } of members.filter(({ state }) => state.hasStalled)) socket.resume();
    },
    /** So many times per second, the oldest subscription leaves and a new one joins. */
    async startChurn(perSecond: number): Promise<void> {
      const opening = lastOpening;
      const [variables] = opening?.variables ?? [];
      if (!opening || !variables) throw new Error('No socket is open');
      churn = setInterval(() => {
        leave(members.shift());
        join(opening, variables);
      }, 1_000 / perSecond);
    },
    stopChurn: async (): Promise<void> => clearInterval(churn),
  };
}

export type Fleet = ReturnType<typeof createFleet>;
