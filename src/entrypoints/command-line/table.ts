/** Formats rows as aligned columns with a heading. The keys of the first row are the columns. */
export function formatTable(rows: ReadonlyArray<Record<string, string>>): string {
  const [first] = rows;
  if (!first) return 'None.\n';
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n');
}
