import { setTimeout as elapsed } from 'node:timers/promises';
import { mean } from '../support/spread.ts';

interface Process {
  memory(): Promise<number>;
}

const intervalMs = 2_000;
const maxReadings = 15;
const maxChange = 0.005;

/** Resident memory in MB once it no longer changes, or after half a minute. */
export async function settledMemory(server: Process): Promise<number> {
  let before = await server.memory();
  for (let reading = 0; reading < maxReadings; reading += 1) {
    await elapsed(intervalMs);
    const now = await server.memory();
    if (Math.abs(now - before) < maxChange * before) return now;
    before = now;
  }
  return before;
}

/** The slope of the line of least squares through readings of memory for `seconds`, in MB per minute. */
export async function memorySlope(server: Process, seconds: number): Promise<number> {
  const began = performance.now();
  const readings: Array<{ minutes: number; megabytes: number }> = [];
  do {
    const megabytes = await server.memory();
    readings.push({ minutes: (performance.now() - began) / 60_000, megabytes });
    await elapsed(intervalMs);
  } while (performance.now() - began < seconds * 1_000);
  return slope(readings);
}

function slope(readings: ReadonlyArray<{ minutes: number; megabytes: number }>): number {
  const minutes = mean(readings.map((reading) => reading.minutes));
  const megabytes = mean(readings.map((reading) => reading.megabytes));
  const shared = mean(readings.map((one) => (one.minutes - minutes) * (one.megabytes - megabytes)));
  return shared / mean(readings.map((one) => (one.minutes - minutes) ** 2));
}
