import { SingleBar } from 'cli-progress';
import type { ImportTotals } from './checkpoint.ts';

/** Where progress is shown: a terminal, or a file that receives plain lines. */
export type ProgressOutput = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

interface Progress {
  /** Shows that the first `bytes` of the file are done, with the counts of lines. */
  advance(bytes: number, totals: ImportTotals): void;
  /** Shows a message without disturbing the bar. */
  note(message: string): void;
  stop(): void;
}

interface ProgressOptions {
  output: ProgressOutput;
  /** Bytes of the file, and the bytes that an earlier run has imported. */
  size: number;
  from: number;
  linesBefore: number;
  now: () => number;
}

const lineIntervalMs = 2000;

/** Shows rate and remaining time: a bar on a terminal, otherwise a line every two seconds. */
export const createProgress = (options: ProgressOptions): Progress =>
  options.output.isTTY ? createBar(options) : createPlainLines(options);

function createBar({ output, size, from, linesBefore, now }: ProgressOptions): Progress {
  const began = now();
  const bar = new SingleBar({
    format: '{bar} {percentage} % · {lines} lines · {rate}/s · ETA {eta_formatted} {note}',
    // cli-progress uses only write, isTTY and columns of a stream.
    stream: output as NodeJS.WriteStream,
    // One batch is a large part of a small file: a larger buffer stabilises the estimate.
    etaBuffer: 50,
  });
  bar.start(size, from, { lines: '0', rate: '0', note: '' });
  return {
    advance(bytes, totals) {
      const rate = perSecond(totals.lines - linesBefore, now() - began);
      bar.update(bytes, { lines: grouped(totals.lines), rate: grouped(rate), note: '' });
    },
    note: (message) => bar.update({ note: `· ${message}` }),
    stop: () => bar.stop(),
  };
}

function createPlainLines({ output, size, from, linesBefore, now }: ProgressOptions): Progress {
  const began = now();
  let lastLineAt = began;
  return {
    advance(bytes, totals) {
      if (now() - lastLineAt < lineIntervalMs) return;
      lastLineAt = now();
      const seconds = ((size - bytes) / Math.max(1, bytes - from)) * ((lastLineAt - began) / 1000);
      const rate = grouped(perSecond(totals.lines - linesBefore, lastLineAt - began));
      const percent = Math.floor((bytes / size) * 100);
      output.write(
        `${percent} % · ${grouped(totals.lines)} lines · ${rate}/s · about ${Math.ceil(seconds)} s left\n`,
      );
    },
    note: (message) => void output.write(`${message}\n`),
    stop: () => {},
  };
}

const perSecond = (count: number, milliseconds: number) =>
  Math.round(count / Math.max(0.001, milliseconds / 1000));

const grouped = (count: number) => count.toLocaleString('en');
