import { constants } from 'node:os';
import { npmScriptName } from './config.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** The exit code that a shell reports for a process ended by this signal. */
export const exitCodeOf = (signal: StopSignal) => 128 + constants.signals[signal];

interface StopHandlers {
  /** Called for the first signal. */
  stop(signal: StopSignal): void;
  /** Called for each later signal, unless it is an echo of the first. */
  stopNow(signal: StopSignal): void;
}

// Ctrl-C reaches every process of the terminal's foreground group, and npm forwards it again.
const echoMs = 500;

/** Calls `stop` or `stopNow` for a signal received at `now` (in milliseconds). */
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
  const stopWatching = watchNpm(() => receive('SIGHUP'));
  return () => {
    for (const signal of stopSignals) process.off(signal, receive);
    stopWatching();
  };
}

const npmScripts = ['start', 'stageline'];
const npmCheckMs = 500;

/** Detects that npm has ended: it does not forward SIGHUP or SIGKILL, and its script would keep running. */
function watchNpm(onExit: () => void): () => void {
  if (!npmScripts.includes(npmScriptName() ?? '')) return () => undefined;
  const npmPid = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npmPid) return;
    clearInterval(timer);
    onExit();
  }, npmCheckMs);
  timer.unref();
  return () => clearInterval(timer);
}
