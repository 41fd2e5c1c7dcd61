import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type {
  GridComponentOption,
  LegendComponentOption,
  TitleComponentOption,
} from 'echarts/components';
import type { ComposeOption } from 'echarts/core';

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
  /** In pixels; the SVG scales. */
  width: number;
  height: number;
  /** For screen readers. */
  title: string;
  description: string;
}

/** Renders an SVG file. The same picture gives the same bytes on every machine. Decision 0013. */
export async function renderSvg(picture: Picture): Promise<string> {
  const { chart, width, height, title, description } = picture;
  const { init } = await loadECharts();
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawing.setOption({ ...chart, animation: false, backgroundColor: '#fff' });
    const text = `<title>${escapeXml(title)}</title>\n<desc>${escapeXml(description)}</desc>`;
    return removeVolatileNames(drawing.renderToSVGString())
      .replace('<svg ', '<svg role="img" ')
      .replace('>\n', () => `>\n${text}\n`)
      .concat('\n');
  } finally {
    drawing.dispose();
  }
}

/** Loads the library on first use: it takes a second, and most commands draw nothing. */
async function loadECharts() {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  const { GridComponent, LegendComponent, TitleComponent } = components;
  core.use([charts.BarChart, charts.LineChart, GridComponent, LegendComponent, TitleComponent]);
  core.use(renderers.SVGRenderer);
  return core;
}

// Styles and marks are for interactive pages; they and the names of clip paths contain a counter of the process.
const removeVolatileNames = (svg: string) =>
  svg
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style >.*<\/style>\n/s, '')
    .replace(/(?<= id="| clip-path="url\(#)zr\d+-/g, '');

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
