import { constants } from 'node:os';
import { npmScriptName } from './config.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** What a shell reports for a process that ended by this signal. */
export const exitCodeOf = (signal: StopSignal) => 128 + constants.signals[signal];

interface StopHandlers {
  /** Called for the first signal. */
  stop(signal: StopSignal): void;
  /** Called for each signal that follows, unless it is an echo of the first one. */
  stopNow(signal: StopSignal): void;
}

// Ctrl-C reaches every process of the terminal's foreground group, and npm forwards it as well.
const echoMs = 500;

/** Decides between the two for each signal that arrives at an instant (in milliseconds). */
export function createSignalCounter({ stop, stopNow }: StopHandlers) {
  let first: number | undefined;
  return (signal: StopSignal, now: number) => {
    if (first !== undefined && now - first < echoMs) return;
    if (first !== undefined) return stopNow(signal);
    first = now;
    stop(signal);
  };
}

/** Handles the signals that end a process, until the returned function is called. */
export function onStopSignals(handlers: StopHandlers): () => void {
  const count = createSignalCounter(handlers);
  const receive = (signal: StopSignal) => count(signal, performance.now());
  for (const signal of stopSignals) process.on(signal, receive);
  const unwatch = watchNpm(() => receive('SIGHUP'));
  return () => {
    for (const signal of stopSignals) process.off(signal, receive);
    unwatch();
  };
}

const npmScripts = ['start', 'stageline'];
const npmCheckMs = 500;

/** npm forwards neither SIGHUP nor its own death by SIGKILL: its script would stay behind as an orphan. */
function watchNpm(onGone: () => void): () => void {
  if (!npmScripts.includes(npmScriptName() ?? '')) return () => undefined;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    onGone();
  }, npmCheckMs);
  timer.unref();
  return () => clearInterval(timer);
}
