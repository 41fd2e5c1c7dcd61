import { adminKey, type TestServer } from './server.ts';

/** A family of series with one name. */
export interface MetricFamily {
  name: string;
  type: string;
  help: string;
  labels: string[];
}

export interface MetricsPage {
  families: MetricFamily[];
  /** Every series with its labels as written, such as `a_total{code="X"}`. */
  series: Map<string, number>;
}

/** Requests the metrics of a server with the key of its operator. */
export async function readMetrics(server: Pick<TestServer, 'url'>): Promise<MetricsPage> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const response = await fetch(`${server.url}/metrics`, { headers });
  if (!response.ok) throw new Error(await response.text());
  return parsePage(await response.text());
}

export function parsePage(text: string): MetricsPage {
  const lines = text.split('\n').filter((line) => line !== '');
  const samples = lines.filter((line) => !line.startsWith('#'));
  const series = samples.map((line): [string, number] => {
    const end = line.lastIndexOf(' ');
    return [line.slice(0, end), Number(line.slice(end + 1))];
  });
  const families = lines.flatMap((line, index) => {
    const [, name, help] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (!name || !help) return [];
    const type = lines[index + 1]?.split(' ').at(-1) ?? '';
    return [{ name, type, help, labels: labelsOf(name, samples) }];
  });
  return { families, series: new Map(series) };
}

/** The labels of its series; `le` is the bound of a bucket of every histogram. */
function labelsOf(name: string, samples: readonly string[]): string[] {
  const own = samples.filter((line) => line.split(/[{ ]/, 1)[0]?.startsWith(name));
  const labels = own.flatMap((line) =>
    [...line.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label),
  );
  return [...new Set(labels)].filter((label) => label !== 'le').sort();
}

/** The series that changed between two pages, each with its difference; without those of the process. */
export function differences(before: MetricsPage, after: MetricsPage): Record<string, number> {
  const changed = [...after.series].flatMap(([name, value]): Array<[string, number]> => {
    const difference = value - (before.series.get(name) ?? 0);
    return difference === 0 || !name.startsWith('stageline_') ? [] : [[name, difference]];
  });
  return Object.fromEntries(changed);
}

/** The table of the guide. */
export const describeMetrics = ({ families }: MetricsPage): string =>
  [
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...families.map(({ name, type, labels, help }) => {
      const listed = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${listed} | ${help} |`;
    }),
    '',
  ].join('\n');
