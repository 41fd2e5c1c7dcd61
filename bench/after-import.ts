import { type Imported, importInto } from './import-orders.ts';
import type { Bench } from './support/bench.ts';
import type { Measurement } from './support/report.ts';

/** Imports the log `runs` times, each time into a new server. The last server keeps running. */
export async function importRepeatedly(bench: Bench): Promise<Imported[]> {
  const done: Imported[] = [];
  for (let run = 1; run <= bench.runs; run += 1) {
    const imported = await importInto(await bench.freshServer());
    if (run === 1) bench.log(`import: ${imported.logName}; its totals are correct`);
    if (run < bench.runs) await imported.server.stop();
    done.push(imported);
  }
  return done;
}

export const measureImport = (imports: readonly Imported[]): Measurement[] => [
  {
    benchmark: 'import',
    measure: 'duration of the command',
    unit: 's',
    values: imports.map(({ seconds }) => seconds),
    target: { max: 60 },
  },
];

export const measureMemory = (imports: readonly Imported[]): Measurement[] => {
  const line = (measure: string, values: number[], max?: number): Measurement => ({
    benchmark: 'memory',
    measure,
    unit: 'MB',
    values,
    ...(max === undefined ? {} : { target: { max } }),
  });
  return [
    line(
      'server, idle after the start',
      imports.map(({ idle }) => idle),
    ),
    line(
      'server, maximum during the import',
      imports.map(({ peak }) => peak),
    ),
    line(
      'server, after the import',
      imports.map(({ after }) => after),
      300,
    ),
  ];
};
