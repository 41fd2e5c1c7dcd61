/** Milliseconds of a day of 24 hours; days by the calendar of a time zone may be longer or shorter. */
export const msPerDay = 86_400_000;
