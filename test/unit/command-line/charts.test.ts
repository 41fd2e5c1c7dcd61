import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import { expect, it } from 'vitest';
import { drawBacktest } from '../../../src/entrypoints/command-line/charts/draw-backtest.ts';
import { drawGain, type Gain } from '../../../src/entrypoints/command-line/charts/gain-chart.ts';
import { colours } from '../../../src/entrypoints/command-line/charts/layout.ts';
import { drawReliability } from '../../../src/entrypoints/command-line/charts/reliability-diagram.ts';
import type { Forecast } from '../../../src/statistics/backtest/forecast.ts';
import { liftCurve } from '../../../src/statistics/backtest/lift-curve.ts';
import {
  type ReliabilityBin,
  reliabilityTable,
} from '../../../src/statistics/backtest/reliability.ts';

const subject = 'Main · MBG_NBD · 90 days from 2026-01-01';

/** Forecasts that come true more often the higher they are; none is between 0.3 and 0.6. */
const forecasts: Forecast[] = Array.from({ length: 200 }, (_, index) => ({
  score: index < 60 ? index / 200 : 0.5 + index / 400,
  outcome: index % 10 < index / 20,
}));

const tableOf = (binning: 'EQUAL_WIDTH' | 'EQUAL_MASS') => reliabilityTable(forecasts, { binning });

const diagramOf = (
  width: ReliabilityBin[],
  mass: ReliabilityBin[],
  change: { subject?: string } = {},
) =>
  drawReliability({
    subject,
    customers: 23_570,
    brier: 0.16612,
    equalWidth: { bins: width, error: 0.06204 },
    equalMass: { bins: mass, error: 0.05 },
    ...change,
  });

const gainOf = (change: Partial<Gain> = {}) =>
  drawGain({
    subject,
    customers: 23_570,
    baseRate: 0.5,
    auc: 0.75474,
    model: liftCurve(forecasts, 100) ?? [],
    recency: liftCurve(forecasts.toReversed(), 100) ?? [],
    ...change,
  });

/** Parses strictly: throws for anything that is not well-formed. */
async function parse(drawing: Promise<string> | string) {
  const svg = await drawing;
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(
    svg,
    'image/svg+xml',
  );
  const all = (name: string) => [...document.getElementsByTagName(name)];
  return {
    texts: all('text').map(({ textContent }) => textContent),
    titles: all('title').map(({ textContent }) => textContent),
    descriptions: all('desc').map(({ textContent }) => textContent),
    filled: (colour: string) =>
      all('path').filter((path) => path.getAttribute('fill') === colour).length,
    drawn: (colour: string) =>
      all('path').filter((path) => path.getAttribute('stroke') === colour).length,
  };
}

const legend = 1;

it('shows a point and the number of customers for each non-empty bin', async () => {
  const [width, mass] = [tableOf('EQUAL_WIDTH'), tableOf('EQUAL_MASS')];

  const { filled, texts } = await parse(diagramOf(width, mass));

  expect(width).toHaveLength(7);
  expect(filled(colours.blue)).toBe(width.length + legend);
  expect(filled(colours.orange)).toBe(mass.length + legend);
  expect(filled(colours.paleBlue)).toBe(width.length);
  for (const { count } of width) expect(texts).toContain(String(count));
});

it('labels a reliability diagram with its axes, subject and measures', async () => {
  const { texts } = await parse(diagramOf(tableOf('EQUAL_WIDTH'), tableOf('EQUAL_MASS')));

  expect(texts).toEqual(
    expect.arrayContaining([
      subject,
      '23,570 customers · Brier 0.1661 · ECE 0.0620 (equal width), 0.0500 (equal mass)',
      'forecast: P(silent)',
      'observed: share of silent customers',
      'perfect calibration',
      'bins of equal width',
      'bins of equal mass',
      '0 %',
      '100 %',
    ]),
  );
});

it('shows the gain of the model, of recency only, of chance and of perfect scores', async () => {
  const { texts, drawn } = await parse(gainOf());

  expect(texts).toEqual(
    expect.arrayContaining([
      subject,
      '23,570 customers · 50 % silent · AUC 0.7547',
      'contacted: share of all customers, highest score first',
      'found: share of all silent customers',
      'model',
      'recency only',
      'chance',
      'perfect',
    ]),
  );
  for (const colour of [colours.blue, colours.orange, colours.grey, colours.green]) {
    expect(drawn(colour)).toBe(1 + legend);
  }
});

it('omits empty curves', async () => {
  const { texts } = await parse(gainOf({ recency: [] }));

  expect(texts).toContain('model');
  expect(texts).not.toContain('recency only');
});

it('describes a picture for screen readers', async () => {
  const bins = tableOf('EQUAL_WIDTH');

  const diagram = await parse(diagramOf(bins, bins));
  const gain = await parse(gainOf());

  expect(diagram.titles).toEqual([`Reliability: does the score mean what it says? ${subject}`]);
  expect(diagram.descriptions[0]).toMatch(
    /^Of 20 customers 5 % were expected to be silent, and 5 % were\./,
  );
  expect(gain.descriptions[0]).toMatch(
    /The first 100 % of the customers include 100 % of the silent/,
  );
});

it('escapes special characters in names', async () => {
  const name = `<b>Tom & "Jerry's"</b> ]]> $& class="x"`;

  for (const svg of [diagramOf([], [], { subject: name }), gainOf({ subject: name })]) {
    const { texts, titles } = await parse(svg);
    expect(texts).toContain(name);
    expect(titles[0]).toContain(name);
  }
});

it('truncates a name that is too long for the picture', async () => {
  const { texts } = await parse(gainOf({ subject: 'A long name '.repeat(30) }));

  expect(texts).toContainEqual(expect.stringMatching(/^A long name .*\.\.\.$/));
});

it('draws both charts of a back-test, with its name on one line', async () => {
  const charts = await drawBacktest('Main\n\u0001shop', { forecasts, recency: forecasts });

  expect(Object.keys(charts)).toEqual(['reliability', 'gain']);
  for (const svg of Object.values(charts)) expect((await parse(svg)).texts).toContain('Main shop');
});

it('draws a diagram of one bin and of none', async () => {
  const one = reliabilityTable([{ score: 1, outcome: true }]);

  expect((await parse(diagramOf(one, one))).filled(colours.blue)).toBe(1 + legend);
  expect((await parse(diagramOf([], []))).filled(colours.paleBlue)).toBe(0);
});

it('draws the gain when no customer or every customer was silent', async () => {
  const noneSilent = await parse(gainOf({ baseRate: 0, auc: null, model: [], recency: [] }));
  const alike = liftCurve([{ score: 0.5, outcome: true }], 100) ?? [];
  const allSilent = await parse(gainOf({ baseRate: 1, auc: null, model: alike, recency: alike }));

  expect(noneSilent.texts).toContain('23,570 customers · 0 % silent');
  expect(noneSilent.descriptions).toEqual(['No customer was silent.']);
  expect(noneSilent.texts).not.toContain('perfect');
  expect(allSilent.drawn(colours.blue)).toBe(1 + legend);
});

it('draws no invalid figures, and the same bytes for the same data', async () => {
  const bins = tableOf('EQUAL_WIDTH');
  const draw = () =>
    Promise.all([diagramOf(bins, bins), diagramOf([], []), gainOf(), gainOf({ model: [] })]);

  const drawn = await draw();

  expect(drawn.join('')).not.toMatch(/NaN|Infinity|undefined|null/);
  expect(await draw()).toEqual(drawn);
});
