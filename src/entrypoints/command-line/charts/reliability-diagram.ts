import { type ReliabilityBin, usualBins } from '../../../statistics/backtest/reliability.ts';
import {
  barAxis,
  barLabel,
  colours,
  grouped,
  headed,
  line,
  percent,
  pictureWidth,
  shareAxis,
  square,
} from './layout.ts';
import { renderSvg, type Series } from './render-svg.ts';

/** Forecasts put together in one way, and how far they then lie from what came of them. */
interface Calibration {
  bins: readonly ReliabilityBin[];
  error: number;
}

export interface Reliability {
  /** Which workspace, model and window. */
  about: string;
  customers: number;
  brier: number;
  equalWidth: Calibration;
  equalMass: Calibration;
}

const heading = 'Reliability: does the score mean what it says?';
const sizes = { left: square.left, width: square.width, top: 682, height: 84 };

/** The SVG of a reliability diagram: each bin's forecast against what was observed, and its size. */
export function drawReliability(data: Reliability): string {
  const { about, equalWidth, equalMass } = data;
  const series = [
    ideal,
    line('bins of equal mass', toPoints(equalMass.bins), { color: colours.orange }, 'diamond'),
    line('bins of equal width', toPoints(equalWidth.bins), { color: colours.blue }, 'circle'),
    toBars(equalWidth.bins),
  ];
  return renderSvg({
    title: `${heading} ${about}`,
    description: describe(equalWidth.bins),
    width: pictureWidth,
    height: 826,
    chart: {
      ...headed({ heading, lines: [about, figures(data)], series }),
      grid: [square, sizes],
      xAxis: [shareAxis(''), { ...shareAxis('forecast: P(silent)', 32), ...onSizes }],
      yAxis: [
        shareAxis('observed: share of the customers that was silent', 52),
        { ...barAxis('customers', 52), gridIndex: 1 },
      ],
    },
  });
}

const onSizes = { gridIndex: 1, splitLine: { show: false } };

const ideal = line(
  'perfect calibration',
  [
    [0, 0],
    [1, 1],
  ],
  { color: colours.grey, type: 'dashed' },
);

const figures = ({ customers, brier, equalWidth, equalMass }: Reliability) =>
  [
    `${grouped(customers)} customers`,
    `Brier ${brier.toFixed(4)}`,
    `ECE ${equalWidth.error.toFixed(4)} (equal width), ${equalMass.error.toFixed(4)} (equal mass)`,
  ].join(' · ');

const toPoints = (bins: readonly ReliabilityBin[]) =>
  bins.map(({ meanForecast, observedRate }) => [meanForecast, observedRate] as const);

/** How many customers are in the bins of equal width, each bar over its part of the axis. */
const toBars = (bins: readonly ReliabilityBin[]): Series => ({
  type: 'bar',
  xAxisIndex: 1,
  yAxisIndex: 1,
  data: bins.map((bin) => ({
    value: [middleOf(bin), bin.count],
    label: { ...barLabel, formatter: grouped(bin.count) },
  })),
  barWidth: (0.86 * sizes.width) / usualBins,
  silent: true,
  itemStyle: { color: colours.paleBlue },
});

function middleOf({ from }: ReliabilityBin): number {
  const index = Math.min(usualBins - 1, Math.floor(from * usualBins));
  return (index + 0.5) / usualBins;
}

const describe = (bins: readonly ReliabilityBin[]) =>
  bins
    .map(
      ({ count, meanForecast, observedRate }) =>
        `Of ${grouped(count)} customers ${percent(meanForecast)} were expected to be silent, ${percent(observedRate)} were.`,
    )
    .join(' ');
