/**
 * Who caused an event: the customer, or an operator or the product. Only what customers do is activity: events of the
 * system change no facts but names and traits. Decision 0049.
 */
export const eventOrigins = ['CUSTOMER', 'SYSTEM'] as const;
export type EventOrigin = (typeof eventOrigins)[number];
