import { type Logger, pino } from 'pino';

export type Log = Logger;

/** JSON lines on standard error, so that standard output stays free for what a person reads. */
export const createLog = (level: string): Log => pino({ level }, pino.destination(2));
