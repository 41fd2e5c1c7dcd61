/** The present, handed to everything that needs it, so that tests decide what time it is. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
