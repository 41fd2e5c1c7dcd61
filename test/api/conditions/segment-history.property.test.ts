import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { countMatchesAt } from '../../../src/engine/conditions/history.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import { describeCase, matchedAt } from '../../support/condition-cases.ts';
import {
  createWorkspaceWithSegments,
  type ReferenceCustomer,
  replayOnReference,
  type ScenarioSettings,
  sendInBatches,
} from '../../support/condition-workspace.ts';
import { randomHistories } from '../../support/random-events.ts';
import { filters } from '../../support/random-filter.ts';
import { times, timeZones, toText } from '../../support/random-times.ts';
import { criticalInstants } from '../../support/reference-conditions.ts';
import type { ReferenceCall } from '../../support/reference-facts.ts';
import { regressionCases } from '../../support/regression-cases.ts';
import { useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 60);
const timeoutMs = 60_000 + runs * 2_000;
// Shrinking ends before the test times out, so that the seed is always reported.
const bounds = { interruptAfterTimeLimit: timeoutMs * 0.8, markInterruptAsFailure: true };

interface Scenario extends ScenarioSettings {
  history: ReferenceCall[];
  filters: Filter[];
  /** Select the instants of the history. */
  picks: number[];
}

const scenarios: fc.Arbitrary<Scenario> = times.chain((scenarioTimes) =>
  fc.record({
    timeZone: timeZones,
    currency: fc.constantFrom('USD', 'USD', 'JPY', 'KWD'),
    history: randomHistories(scenarioTimes),
    segments: fc.record({
      LAPSED: filters(scenarioTimes, { segments: [] }, 2),
      REGULAR: filters(scenarioTimes, { segments: ['LAPSED'] }, 2),
    }),
    filters: fc.array(filters(scenarioTimes, { segments: ['lapsed', 'REGULAR'] }), {
      minLength: 8,
      maxLength: 8,
    }),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  }),
);

const timesOf = ({ events }: ReferenceCustomer) => events.map(({ at }) => at);

/** Some of the instants at which an answer may change, and the milliseconds before them, in order. */
function instantsOf(filter: Filter, known: ReferenceCustomer[], picks: number[]): number[] {
  const edges = known.flatMap((one) => [...timesOf(one), ...criticalInstants(filter, one)]);
  const all = [...new Set(edges.flatMap((at) => [at - 1, at]))];
  const picked = picks.map((pick) => all[pick % all.length] ?? 0);
  return [...new Set(picked)].sort((a, b) => a - b);
}

/** The number of compared counts, and of those that matched some customers but not all. */
let compared = 0;
let partial = 0;

function expectedAt(filter: Filter, known: ReferenceCustomer[], at: number) {
  const existing = known.filter((one) => timesOf(one).some((time) => time <= at));
  const count = existing.filter((one) => matchedAt(filter, one, at)).length;
  compared += 1;
  if (0 < count && count < existing.length) partial += 1;
  return { at: new Date(at), customers: existing.length, count };
}

/** Sends the same events to the server and to the reference, and compares the history of every filter. */
async function check({ history, filters, picks, ...setting }: Scenario) {
  const workspace = await createWorkspaceWithSegments(server, setting);
  await sendInBatches(server, workspace, history, [50]);
  const known = replayOnReference(history, setting);
  await server.database.inWorkspace(workspace.id, async (db) => {
    const vocabulary = await loadVocabulary(db);
    for (const [index, filter] of filters.entries()) {
      const instants = instantsOf(filter, known, [...picks.slice(index), ...picks]);
      const counts = await countMatchesAt(
        db,
        { workspaceId: workspace.id, timeZone: setting.timeZone },
        resolveFilter(parseFilter(filter), vocabulary),
        instants.map((at) => new Date(at)),
      );
      const message = () =>
        `at ${instants.map(toText)}: ${known.map((one) => describeCase({ filter, known: one, at: 0 }))}`;
      const expected = instants.map((at) => expectedAt(filter, known, at));
      if (JSON.stringify(counts) !== JSON.stringify(expected)) {
        expect(counts, message()).toEqual(expected);
      }
    }
  });
}

it(
  'counts customers at every instant like the reference with the events up to then',
  async () => {
    await fc.assert(fc.asyncProperty(scenarios, check), {
      ...bounds,
      numRuns: runs + regressionCases.length,
      examples: regressionCases.map((scenario): [Scenario] => [scenario]),
    });

    expect(compared).toBeGreaterThanOrEqual(1_000);
    expect(partial).toBeGreaterThanOrEqual(100);
  },
  timeoutMs,
);
