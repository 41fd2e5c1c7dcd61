import { defaultBins, type ReliabilityBin } from '../../../statistics/backtest/reliability.ts';
import {
  barAxis,
  barLabel,
  colours,
  formatCount,
  line,
  percent,
  pictureWidth,
  shareAxis,
  square,
  withHeading,
} from './layout.ts';
import { renderSvg, type Series } from './render-svg.ts';

/** Binned forecasts and their calibration error. */
interface Calibration {
  bins: readonly ReliabilityBin[];
  error: number;
}

export interface Reliability {
  /** The workspace, model and window. */
  subject: string;
  customers: number;
  brier: number;
  equalWidth: Calibration;
  equalMass: Calibration;
}

const heading = 'Reliability: does the score mean what it says?';
const sizes = { left: square.left, width: square.width, top: 682, height: 84 };

/** Draws a reliability diagram: the forecast of each bin against the observed rate, and the sizes of the bins. */
export async function drawReliability(data: Reliability): Promise<string> {
  const { subject, equalWidth, equalMass } = data;
  const series = [
    ideal,
    line('bins of equal mass', toPoints(equalMass.bins), { color: colours.orange }, 'diamond'),
    line('bins of equal width', toPoints(equalWidth.bins), { color: colours.blue }, 'circle'),
    toBars(equalWidth.bins),
  ];
  return renderSvg({
    title: `${heading} ${subject}`,
    description: describe(equalWidth.bins),
    width: pictureWidth,
    height: 826,
    chart: {
      ...withHeading({ heading, lines: [subject, figures(data)], series }),
      grid: [square, sizes],
      xAxis: [shareAxis(''), { ...shareAxis('forecast: P(silent)', 32), ...onSizes }],
      yAxis: [
        shareAxis('observed: share of silent customers', 52),
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
    `${formatCount(customers)} customers`,
    `Brier ${brier.toFixed(4)}`,
    `ECE ${equalWidth.error.toFixed(4)} (equal width), ${equalMass.error.toFixed(4)} (equal mass)`,
  ].join(' · ');

const toPoints = (bins: readonly ReliabilityBin[]) =>
  bins.map(({ meanForecast, observedRate }) => [meanForecast, observedRate] as const);

/** The number of customers in each bin of equal width, as bars above their part of the axis. */
const toBars = (bins: readonly ReliabilityBin[]): Series => ({
  type: 'bar',
  xAxisIndex: 1,
  yAxisIndex: 1,
  data: bins.map((bin) => ({
    value: [middleOf(bin), bin.count],
    label: { ...barLabel, formatter: formatCount(bin.count) },
  })),
  barWidth: (0.86 * sizes.width) / defaultBins,
  silent: true,
  itemStyle: { color: colours.paleBlue },
});

function middleOf({ from }: ReliabilityBin): number {
  const index = Math.min(defaultBins - 1, Math.floor(from * defaultBins));
  return (index + 0.5) / defaultBins;
}

const describe = (bins: readonly ReliabilityBin[]) =>
  bins
    .map(
      ({ count, meanForecast, observedRate }) =>
        `Of ${formatCount(count)} customers ${percent(meanForecast)} were expected to be silent, and ${percent(observedRate)} were.`,
    )
    .join(' ');
