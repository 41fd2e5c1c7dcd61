import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Fleet } from './socket-fleet.ts';

export interface FleetRequest {
  id: number;
  command: keyof Fleet;
  argument: unknown;
}

export interface FleetResponse {
  id: number;
  result?: unknown;
  failure?: string;
}

/** A process that holds sockets. */
export interface SocketLoadProcess {
  /** Calls a function of the process's fleet. @throws when it fails, or the process has ended */
  call<Command extends keyof Fleet>(
    command: Command,
    ...argument: Parameters<Fleet[Command]>
  ): Promise<Awaited<ReturnType<Fleet[Command]>>>;
  end(): Promise<void>;
}

export function startSocketLoadProcess(): SocketLoadProcess {
  const program = new URL('./socket-load.ts', import.meta.url);
  const child = fork(program, { serialization: 'advanced', execArgv: [] });
  const exited = once(child, 'exit');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;

  child.on('message', ({ id, result, failure }: FleetResponse) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) call?.resolve(result);
    else call?.reject(new Error(failure));
  });
  child.once('exit', () => {
    for (const call of waiting.values()) call.reject(new Error('A process of the load has ended'));
  });

  return {
    async call(command, ...[argument]) {
      if (!child.connected) throw new Error('A process of the load has ended');
      const id = calls++;
      const call = Promise.withResolvers<unknown>();
      waiting.set(id, call);
      child.send({ id, command, argument } satisfies FleetRequest);
      return (await call.promise) as never;
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill();
      await exited;
    },
  };
}
