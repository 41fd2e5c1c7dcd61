/** What was observed of each behaviour over each transport, for printing. */
export interface TransportTable {
  record(behaviour: string, transport: string, observed: string): void;
  print(): string;
}

export function createTransportTable(transports: readonly string[]): TransportTable {
  const rows = new Map<string, Map<string, string>>();

  const line = (first: string, cells: readonly string[]) =>
    [first.padEnd(44), ...cells.map((cell) => cell.padEnd(24))].join('').trimEnd();

  return {
    record(behaviour, transport, observed) {
      const row = rows.get(behaviour) ?? new Map<string, string>();
      rows.set(behaviour, row.set(transport, observed));
    },
    print: () =>
      [
        line('', transports),
        ...[...rows].map(([behaviour, row]) =>
          line(
            behaviour,
            transports.map((transport) => row.get(transport) ?? 'FAILED'),
          ),
        ),
      ].join('\n'),
  };
}
