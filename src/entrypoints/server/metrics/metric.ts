import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface MetricOptions {
  registry: Registry;
  name: string;
  /** The meaning of its value, in one sentence. */
  help: string;
}

/** A label with all its values. Each has a series from the start, and nothing that a client sends can add one. */
export interface Label<Value extends string> {
  label: string;
  values: readonly Value[];
}

/** Bounds in seconds for what usually takes milliseconds. */
export const durationBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export function createCounter({ registry, ...description }: MetricOptions) {
  const counter = new Counter({ ...description, registers: [registry] });
  return (count = 1): void => counter.inc(count);
}

export function createLabelledCounter<Value extends string>(
  options: MetricOptions & Label<Value>,
): (value: Value, count?: number) => void {
  const { registry, label, values, ...description } = options;
  const counter = new Counter({ ...description, labelNames: [label], registers: [registry] });
  for (const value of values) counter.inc({ [label]: value }, 0);
  return (value, count = 1) => counter.inc({ [label]: value }, count);
}

export function createHistogram({
  registry,
  buckets = durationBuckets,
  ...description
}: MetricOptions & { buckets?: number[] }) {
  const histogram = new Histogram({ ...description, buckets, registers: [registry] });
  return (value: number): void => histogram.observe(value);
}

export function createLabelledHistogram<Value extends string>(
  options: MetricOptions & Label<Value>,
): (labelled: Value, measured: number) => void {
  const { registry, label, values, ...description } = options;
  const histogram = new Histogram({
    ...description,
    labelNames: [label],
    buckets: durationBuckets,
    registers: [registry],
  });
  for (const value of values) histogram.zero({ [label]: value });
  return (labelled, measured) => histogram.observe({ [label]: labelled }, measured);
}

/** A value that is read whenever the page is requested. */
export function createGauge({
  registry,
  read,
  ...description
}: MetricOptions & { read(): number }) {
  new Gauge({
    ...description,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

export function createLabelledGauge<Value extends string>(
  options: MetricOptions & Label<Value> & { read(value: Value): number },
) {
  const { registry, label, values, read, ...description } = options;
  new Gauge({
    ...description,
    labelNames: [label],
    registers: [registry],
    collect() {
      for (const value of values) this.set({ [label]: value }, read(value));
    },
  });
}

/** For totals that their owner counts. */
export function createReadCounter({
  registry,
  read,
  ...description
}: MetricOptions & { read(): number }) {
  new Counter({
    ...description,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/** For totals that their owner counts by label. */
export function createLabelledReadCounter<Value extends string>(
  options: MetricOptions & Label<Value> & { read(value: Value): number },
) {
  const { registry, label, values, read, ...description } = options;
  new Counter({
    ...description,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const value of values) this.inc({ [label]: value }, read(value));
    },
  });
}
