import { InvalidInput } from '../../platform/errors.ts';
import { type Delimiter, isQuoteOpen, splitFields } from './split-fields.ts';

const names: Readonly<Record<string, Delimiter>> = {
  comma: ',',
  ',': ',',
  semicolon: ';',
  ';': ';',
  tab: '\t',
  '\t': '\t',
  '\\t': '\t',
  pipe: '|',
  '|': '|',
  blank: 'blank',
  ' ': 'blank',
};

/** Parses `--delimiter`: a name or the character itself. */
export function parseDelimiter(text: string): Delimiter {
  const delimiter = Object.hasOwn(names, text) ? names[text] : undefined;
  if (delimiter) return delimiter;
  throw new InvalidInput(
    `"${text}" is not a delimiter. Use comma, semicolon, tab, pipe or blank (runs of spaces).`,
  );
}

/** The most frequent number of columns with this delimiter, and the share of lines with that number. */
export function measureWidth(lines: string[], delimiter: Delimiter) {
  const counts = new Map<number, number>();
  for (const line of lines) {
    const width = countFields(line, delimiter);
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  const [width = 0, agreeing = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [];
  return { width, share: agreeing / lines.length };
}

/** Detects the delimiter from the first lines: the one with which they agree on the number of columns. */
export function detectDelimiter(lines: string[]): Delimiter {
  const fits = (delimiter: Delimiter) => {
    const { width, share } = measureWidth(lines, delimiter);
    // The first line must agree too: header names seldom contain a delimiter.
    const agrees = countFields(lines[0] ?? '', delimiter) === width;
    return width > 1 && share >= 0.5 && agrees ? width * share : 0;
  };
  const [best] = ([',', ';', '\t', '|'] as const)
    .map((delimiter) => ({ delimiter, fit: fits(delimiter) }))
    .sort((a, b) => b.fit - a.fit);
  if (best && best.fit > 0) return best.delimiter;
  // Last, because values with spaces are common in files with other delimiters.
  if (fits('blank') > 0) return 'blank';
  throw new InvalidInput(
    'The delimiter cannot be detected from the first lines. Pass --delimiter comma, semicolon, tab, pipe or blank.',
  );
}

function countFields(line: string, delimiter: Delimiter) {
  if (isQuoteOpen(line, delimiter)) return 0;
  try {
    return splitFields(line, delimiter).length;
  } catch {
    return 0;
  }
}
