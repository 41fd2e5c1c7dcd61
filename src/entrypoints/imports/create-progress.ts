import { SingleBar } from 'cli-progress';
import type { Totals } from './checkpoint.ts';

/** Where progress is shown: a terminal, or a log that gets plain lines. */
export type ProgressOutput = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

interface Progress {
  /** So many bytes of the file are done; `totals` counts what became of the lines. */
  advance(bytes: number, totals: Totals): void;
  /** Says a sentence without disturbing the bar. */
  note(sentence: string): void;
  stop(): void;
}

interface ProgressOptions {
  output: ProgressOutput;
  /** Bytes of the file, and how many of them an earlier run has done. */
  size: number;
  from: number;
  linesBefore: number;
  now: () => number;
}

const betweenLines = 2000;

/** Shows rate and remaining time: a bar on a terminal, else a line every two seconds. */
export const createProgress = (options: ProgressOptions): Progress =>
  options.output.isTTY ? createBar(options) : createPlainLines(options);

function createBar({ output, size, from, linesBefore, now }: ProgressOptions): Progress {
  const began = now();
  const bar = new SingleBar({
    format: '{bar} {percentage} % · {lines} lines · {rate}/s · ETA {eta_formatted} {note}',
    // cli-progress writes, and asks for isTTY and columns; it uses nothing else of a stream.
    stream: output as NodeJS.WriteStream,
    // One batch is a large part of a small file: a longer memory steadies the estimate.
    etaBuffer: 50,
  });
  bar.start(size, from, { lines: '0', rate: '0', note: '' });
  return {
    advance(bytes, totals) {
      const rate = perSecond(totals.lines - linesBefore, now() - began);
      bar.update(bytes, { lines: grouped(totals.lines), rate: grouped(rate), note: '' });
    },
    note: (sentence) => bar.update({ note: `· ${sentence}` }),
    stop: () => bar.stop(),
  };
}

function createPlainLines({ output, size, from, linesBefore, now }: ProgressOptions): Progress {
  const began = now();
  let spoken = began;
  return {
    advance(bytes, totals) {
      if (now() - spoken < betweenLines) return;
      spoken = now();
      const seconds = ((size - bytes) / Math.max(1, bytes - from)) * ((spoken - began) / 1000);
      const rate = grouped(perSecond(totals.lines - linesBefore, spoken - began));
      const percent = Math.floor((bytes / size) * 100);
      output.write(
        `${percent} % · ${grouped(totals.lines)} lines · ${rate}/s · about ${Math.ceil(seconds)} s left\n`,
      );
    },
    note: (sentence) => void output.write(`${sentence}\n`),
    stop: () => {},
  };
}

const perSecond = (count: number, milliseconds: number) =>
  Math.round(count / Math.max(0.001, milliseconds / 1000));

const grouped = (count: number) => count.toLocaleString('en');
