import type { LiftPoint } from '../../../statistics/backtest/lift-curve.ts';
import {
  colours,
  formatCount,
  line,
  type Point,
  percent,
  pictureWidth,
  shareAxis,
  square,
  withHeading,
} from './layout.ts';
import { renderSvg } from './render-svg.ts';

export interface Gain {
  /** The workspace, model and window. */
  subject: string;
  customers: number;
  /** The share of the customers that was silent. */
  baseRate: number;
  /** Null if all customers were silent or none was. */
  auc: number | null;
  /** By the score, in a hundred steps; empty if no customer was silent. */
  model: readonly LiftPoint[];
  /** By days since the last purchase only. */
  recency: readonly LiftPoint[];
}

const heading = 'Gain: how soon does the score find silent customers?';

/** Draws a gain chart: the share of silent customers found among those with the highest scores. */
export async function drawGain(data: Gain): Promise<string> {
  const { subject, model } = data;
  const series = toCurves(data).filter(({ data: points }) => points?.length);
  return renderSvg({
    title: `${heading} ${subject}`,
    description: describe(model),
    width: pictureWidth,
    height: 700,
    chart: {
      ...withHeading({ heading, lines: [subject, figures(data)], series }),
      grid: square,
      xAxis: shareAxis('contacted: share of all customers, highest score first', 34),
      yAxis: shareAxis('found: share of all silent customers', 52),
    },
  });
}

const figures = ({ customers, baseRate, auc }: Gain) =>
  [
    `${formatCount(customers)} customers`,
    `${percent(baseRate)} silent`,
    ...(auc === null ? [] : [`AUC ${auc.toFixed(4)}`]),
  ].join(' · ');

const origin: Point = [0, 0];
const allCustomers: Point = [1, 1];

/** The dashed line is drawn last, so that both lines are visible where they overlap. */
const toCurves = ({ baseRate, model, recency }: Gain) => [
  line('chance', [origin, allCustomers], { color: colours.grey, type: 'dotted' }),
  line('perfect', perfect(baseRate), { color: colours.green, width: 1.5 }),
  line('model', fromOrigin(model), { color: colours.blue, width: 3 }),
  line('recency only', fromOrigin(recency), { color: colours.orange, type: 'dashed' }),
];

const perfect = (baseRate: number): Point[] =>
  baseRate === 0 ? [] : [origin, [baseRate, 1], allCustomers];

const fromOrigin = (curve: readonly LiftPoint[]): Point[] =>
  curve.length === 0 ? [] : [origin, ...curve.map(({ share, gain }): Point => [share, gain])];

/** For screen readers: every tenth point. */
const describe = (curve: readonly LiftPoint[]) =>
  curve
    .filter((_, index) => index % 10 === 9)
    .map(
      ({ share, gain }) =>
        `The first ${percent(share)} of the customers include ${percent(gain)} of the silent ones.`,
    )
    .join(' ') || 'No customer was silent.';
