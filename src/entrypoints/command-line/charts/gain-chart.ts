import type { LiftPoint } from '../../../statistics/backtest/lift-curve.ts';
import {
  colours,
  grouped,
  headed,
  line,
  type Point,
  percent,
  pictureWidth,
  shareAxis,
  square,
} from './layout.ts';
import { renderSvg } from './render-svg.ts';

export interface Gain {
  /** Which workspace, model and window. */
  about: string;
  customers: number;
  /** The share of the customers that was silent. */
  baseRate: number;
  /** Null where all customers did the same. */
  auc: number | null;
  /** By the score, in a hundred steps; empty where nobody was silent. */
  model: readonly LiftPoint[];
  /** The same by days since the last purchase alone. */
  recency: readonly LiftPoint[];
}

const heading = 'Gain: how soon does the score find silent customers?';

/** The SVG of a gain chart: the share of silent customers found among those with the highest scores. */
export function drawGain(data: Gain): string {
  const { about, model } = data;
  const series = toCurves(data).filter(({ data: points }) => points?.length);
  return renderSvg({
    title: `${heading} ${about}`,
    description: describe(model),
    width: pictureWidth,
    height: 700,
    chart: {
      ...headed({ heading, lines: [about, figures(data)], series }),
      grid: square,
      xAxis: shareAxis('contacted: share of all customers, highest score first', 34),
      yAxis: shareAxis('found: share of all silent customers', 52),
    },
  });
}

const figures = ({ customers, baseRate, auc }: Gain) =>
  [
    `${grouped(customers)} customers`,
    `${percent(baseRate)} silent`,
    ...(auc === null ? [] : [`AUC ${auc.toFixed(4)}`]),
  ].join(' · ');

const origin: Point = [0, 0];
const everybody: Point = [1, 1];

/** Dashes lie above the full line, so that both are seen where the two go the same way. */
const toCurves = ({ baseRate, model, recency }: Gain) => [
  line('chance', [origin, everybody], { color: colours.grey, type: 'dotted' }),
  line('perfect', perfect(baseRate), { color: colours.green, width: 1.5 }),
  line('the model', fromOrigin(model), { color: colours.blue, width: 3 }),
  line('recency alone', fromOrigin(recency), { color: colours.orange, type: 'dashed' }),
];

const perfect = (baseRate: number): Point[] =>
  baseRate === 0 ? [] : [origin, [baseRate, 1], everybody];

const fromOrigin = (curve: readonly LiftPoint[]): Point[] =>
  curve.length === 0 ? [] : [origin, ...curve.map(({ share, gain }): Point => [share, gain])];

/** Every tenth point is enough to hear. */
const describe = (curve: readonly LiftPoint[]) =>
  curve
    .filter((_, index) => index % 10 === 9)
    .map(
      ({ share, gain }) =>
        `The first ${percent(share)} of the customers hold ${percent(gain)} of the silent ones.`,
    )
    .join(' ') || 'Nobody was silent.';
