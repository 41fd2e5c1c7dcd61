import type { Bench } from './bench.ts';
import { type Imported, importInto } from './import-orders.ts';
import type { Measurement } from './report.ts';

/** Imports the log `runs` times, each time into a new server; the last of these servers keeps running. */
export async function importRepeatedly(bench: Bench): Promise<Imported[]> {
  const done: Imported[] = [];
  for (let run = 1; run <= bench.runs; run += 1) {
    const imported = await importInto(await bench.freshServer());
    if (run === 1) bench.say(`import: ${imported.logName}; its totals were checked`);
    if (run < bench.runs) await imported.server.stop();
    done.push(imported);
  }
  return done;
}

export const measureImport = (imports: readonly Imported[]): Measurement[] => [
  {
    benchmark: 'import',
    measure: 'the whole command, from its start to its end',
    unit: 's',
    values: imports.map(({ seconds }) => seconds),
    aim: { atMost: 60 },
  },
];

export const measureMemory = (imports: readonly Imported[]): Measurement[] => {
  const line = (measure: string, values: number[], atMost?: number): Measurement => ({
    benchmark: 'memory',
    measure,
    unit: 'MB',
    values,
    ...(atMost === undefined ? {} : { aim: { atMost } }),
  });
  return [
    line(
      'server, idle after its start',
      imports.map(({ idle }) => idle),
    ),
    line(
      'server, the most seen during the import',
      imports.map(({ peak }) => peak),
    ),
    line(
      'server, after the import',
      imports.map(({ after }) => after),
      300,
    ),
  ];
};
