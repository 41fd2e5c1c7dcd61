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

/** Reads what was said as `--delimiter`: a name or the character itself. */
export function parseDelimiter(text: string): Delimiter {
  const found = Object.hasOwn(names, text) ? names[text] : undefined;
  if (found) return found;
  throw new InvalidInput(
    `"${text}" is no delimiter. Say one of comma, semicolon, tab, pipe, blank (runs of blanks).`,
  );
}

/** How many columns most of the lines have under this delimiter, and the share of lines that agree. */
export function measureWidth(lines: string[], delimiter: Delimiter) {
  const counts = new Map<number, number>();
  for (const line of lines) {
    const width = countFields(line, delimiter);
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  const [width = 0, agreeing = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [];
  return { width, share: agreeing / lines.length };
}

/** Tells the delimiter from the file's first lines: the one under which they agree on a width. */
export function detectDelimiter(lines: string[]): Delimiter {
  const fits = (delimiter: Delimiter) => {
    const { width, share } = measureWidth(lines, delimiter);
    // The first line must agree too: it is where names are, and names seldom have a comma.
    const agrees = countFields(lines[0] ?? '', delimiter) === width;
    return width > 1 && share >= 0.5 && agrees ? width * share : 0;
  };
  const [best] = ([',', ';', '\t', '|'] as const)
    .map((delimiter) => ({ delimiter, fit: fits(delimiter) }))
    .sort((a, b) => b.fit - a.fit);
  if (best && best.fit > 0) return best.delimiter;
  // Last, because text with blanks in it is ordinary in files of every other kind.
  if (fits('blank') > 0) return 'blank';
  throw new InvalidInput(
    'The first lines do not tell what separates the columns. Say it: --delimiter comma, semicolon, tab, pipe or blank.',
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
