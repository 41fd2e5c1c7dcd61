import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  GridComponent,
  type GridComponentOption,
  LegendComponent,
  type LegendComponentOption,
  TitleComponent,
  type TitleComponentOption,
} from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

export type Chart = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TitleComponentOption
>;

export type Series = LineSeriesOption | BarSeriesOption;

export interface Picture {
  chart: Chart;
  /** In pixels; the picture scales. */
  width: number;
  height: number;
  /** For those who cannot see it: what it is, and what it shows. */
  title: string;
  description: string;
}

/** The text of an SVG file that looks the same everywhere; the same picture gives the same bytes. */
export function renderSvg({ chart, width, height, title, description }: Picture): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawing.setOption({ ...chart, animation: false, backgroundColor: '#fff' });
    const told = `<title>${escaped(title)}</title>\n<desc>${escaped(description)}</desc>`;
    return withoutHandles(drawing.renderToSVGString())
      .replace('<svg ', '<svg role="img" ')
      .replace('>\n', () => `>\n${told}\n`)
      .concat('\n');
  } finally {
    drawing.dispose();
  }
}

// Styles and marks serve pages that let one hover over a chart; they and the names of clipping paths count
// up with each chart of the process.
const withoutHandles = (svg: string) =>
  svg
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style >.*<\/style>\n/s, '')
    .replace(/(?<= id="| clip-path="url\(#)zr\d+-/g, '');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
