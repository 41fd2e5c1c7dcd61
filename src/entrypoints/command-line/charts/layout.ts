import type { Chart, Series } from './render-svg.ts';

/** Told apart by colour-blind eyes as well (Okabe & Ito 2008). */
export const colours = {
  blue: '#0072B2',
  paleBlue: '#9CC7E3',
  orange: '#D55E00',
  green: '#009E73',
  grey: '#6b6b6b',
};

/** The square that curves are drawn in, in pixels; heading and legend have their place above it. */
export const square = { left: 84, top: 132, width: 500, height: 500 };
export const pictureWidth = 640;

const ink = '#222';
const font = { fontFamily: 'Helvetica, Arial, sans-serif', color: ink };
const small = { ...font, fontSize: 13 };
/** A workspace may have a long name. */
const cut = { width: pictureWidth - 2 * 28, overflow: 'truncate' as const };

interface Heading {
  heading: string;
  /** Below the heading. */
  lines: readonly string[];
  series: readonly Series[];
}

/** The series under a heading, with a legend of those that have a name. */
export const headed = ({ heading, lines, series }: Heading): Chart => ({
  textStyle: font,
  title: {
    text: heading,
    subtext: lines.join('\n'),
    left: 24,
    top: 16,
    textStyle: { ...font, fontSize: 18, ...cut },
    subtextStyle: { ...small, lineHeight: 18, ...cut },
  },
  legend: { data: series.flatMap(toLegend), left: 22, top: 92, itemGap: 26, textStyle: small },
  series: [...series],
});

/** Lines without points get none in the legend either. */
function toLegend(series: Series) {
  if (series.name === undefined) return [];
  const isPlain = 'symbol' in series && series.symbol === 'none';
  return [{ name: String(series.name), ...(isPlain ? { itemStyle: { opacity: 0 } } : {}) }];
}

/** An axis from 0 to 100 %. */
export const shareAxis = (name: string, nameGap = 0) => ({
  type: 'value' as const,
  name,
  nameGap,
  nameLocation: 'middle' as const,
  nameTextStyle: small,
  min: 0,
  max: 1,
  interval: 0.2,
  // Bars would stretch it.
  containShape: false,
  axisLabel: { ...font, fontSize: 12, formatter: percent },
  axisLine: { show: true, lineStyle: { color: ink } },
  splitLine: { lineStyle: { color: '#e4e4e4' } },
});

/** An axis without numbers, for bars that have theirs written on them. */
export const barAxis = (name: string, nameGap: number) => ({
  type: 'value' as const,
  name,
  nameGap,
  nameLocation: 'middle' as const,
  nameTextStyle: small,
  axisLabel: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
});

export const barLabel = { ...font, show: true, position: 'top' as const, fontSize: 11 };

export type Point = readonly [x: number, y: number];

interface Stroke {
  color: string;
  width?: number;
  type?: 'solid' | 'dashed' | 'dotted';
}

/** A line through points that are shares from 0 to 1; they are seen if it is said how. */
export const line = (
  name: string,
  points: readonly Point[],
  stroke: Stroke,
  symbol: 'circle' | 'diamond' | 'none' = 'none',
): Series => ({
  type: 'line',
  name,
  data: points.map(([x, y]) => [x, y]),
  symbol,
  symbolSize: 9,
  silent: true,
  clip: false,
  itemStyle: { color: stroke.color },
  lineStyle: { width: 2, ...stroke },
});

export const percent = (share: number) => `${Math.round(share * 100)} %`;

/** A number with its thousands apart, in the one way that is the same on every machine. */
export const grouped = (count: number) => count.toLocaleString('en-US');
