import { type Logger, pino } from 'pino';

export type Log = Logger;

/** Writes JSON lines to standard error; standard output is for the user. */
export const createLog = (level: string): Log => pino({ level }, pino.destination(2));
