import type { Chart, Series } from './render-svg.ts';

/** A palette that colour-blind people can distinguish (Okabe & Ito 2008). */
export const colours = {
  blue: '#0072B2',
  paleBlue: '#9CC7E3',
  orange: '#D55E00',
  green: '#009E73',
  grey: '#6b6b6b',
};

/** The plot area of curves in pixels; heading and legend are above it. */
export const square = { left: 84, top: 132, width: 500, height: 500 };
export const pictureWidth = 640;

const textColour = '#222';
const font = { fontFamily: 'Helvetica, Arial, sans-serif', color: textColour };
const small = { ...font, fontSize: 13 };
/** Truncates long workspace names. */
const truncated = { width: pictureWidth - 2 * 28, overflow: 'truncate' as const };

interface Heading {
  heading: string;
  /** Below the heading. */
  lines: readonly string[];
  series: readonly Series[];
}

/** A chart of the series with a heading, and a legend for series with a name. */
export const withHeading = ({ heading, lines, series }: Heading): Chart => ({
  textStyle: font,
  title: {
    text: heading,
    subtext: lines.join('\n'),
    left: 24,
    top: 16,
    textStyle: { ...font, fontSize: 18, ...truncated },
    subtextStyle: { ...small, lineHeight: 18, ...truncated },
  },
  legend: { data: series.flatMap(toLegend), left: 22, top: 92, itemGap: 26, textStyle: small },
  series: [...series],
});

/** A line without symbols has none in the legend either. */
function toLegend(series: Series) {
  if (series.name === undefined) return [];
  const hasNoSymbol = 'symbol' in series && series.symbol === 'none';
  return [{ name: String(series.name), ...(hasNoSymbol ? { itemStyle: { opacity: 0 } } : {}) }];
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
  // Without this, bars widen the axis.
  containShape: false,
  axisLabel: { ...font, fontSize: 12, formatter: percent },
  axisLine: { show: true, lineStyle: { color: textColour } },
  splitLine: { lineStyle: { color: '#e4e4e4' } },
});

/** An axis without numbers, for bars with labels. */
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

/** A line through points with coordinates from 0 to 1; the points are visible if a symbol is given. */
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

/** Formats a number with thousands separators, independently of the machine's locale. */
export const formatCount = (count: number) => count.toLocaleString('en-US');
