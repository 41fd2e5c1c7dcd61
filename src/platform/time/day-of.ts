const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string) {
  let known = formatters.get(timeZone);
  if (!known) {
    known = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formatters.set(timeZone, known);
  }
  return known;
}

/** The calendar day of an instant in a time zone (IANA name), as `yyyy-mm-dd`. */
export const dayOf = (at: Date, timeZone: string): string =>
  timeZone === 'UTC' ? at.toISOString().slice(0, 10) : formatter(timeZone).format(at);
