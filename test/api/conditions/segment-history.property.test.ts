import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Filter } from '../../../src/engine/conditions/filter.ts';
import { countMatchesAt } from '../../../src/engine/conditions/history.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';
import { loadVocabulary } from '../../../src/engine/conditions/vocabulary.ts';
import { describeCase, heldAt } from '../../support/condition-cases.ts';
import {
  type Known,
  openWorld,
  type Setting,
  sendInBatches,
  tellReference,
} from '../../support/condition-world.ts';
import { keptWorlds } from '../../support/kept-worlds.ts';
import { filters } from '../../support/random-filter.ts';
import { storiesOf } from '../../support/random-story.ts';
import { times, timeZones, toText } from '../../support/random-times.ts';
import { criticalInstants } from '../../support/reference-conditions.ts';
import type { ReferenceCall } from '../../support/reference-facts.ts';
import { useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 60);
const patience = 60_000 + runs * 2_000;
// Shrinking ends before the test does, so that the seed is always said.
const bounds = { interruptAfterTimeLimit: patience * 0.8, markInterruptAsFailure: true };

interface World extends Setting {
  history: ReferenceCall[];
  asked: Filter[];
  /** Which of the instants at which something may change are points of the row. */
  picks: number[];
}

const worlds: fc.Arbitrary<World> = times.chain((around) =>
  fc.record({
    timeZone: timeZones,
    history: storiesOf(around),
    segments: fc.record({
      LAPSED: filters(around, { segments: [] }, 2),
      REGULAR: filters(around, { segments: ['LAPSED'] }, 2),
    }),
    asked: fc.array(filters(around, { segments: ['lapsed', 'REGULAR'] }), {
      minLength: 8,
      maxLength: 8,
    }),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  }),
);

const timesOf = ({ events }: Known) => events.map(({ at }) => at);

/** Some of the instants at which somebody's answer may change, and of those just before them, in order. */
function instantsOf(filter: Filter, known: Known[], picks: number[]): number[] {
  const edges = known.flatMap((one) => [...timesOf(one), ...criticalInstants(filter, one)]);
  const all = [...new Set(edges.flatMap((at) => [at - 1, at]))];
  const picked = picks.map((pick) => all[pick % all.length] ?? 0);
  return [...new Set(picked)].sort((a, b) => a - b);
}

/** How often a count was compared, and how many of them were of some customers but not of all. */
let compared = 0;
let telling = 0;

function expectedAt(filter: Filter, known: Known[], at: number) {
  const there = known.filter((one) => timesOf(one).some((time) => time <= at));
  const count = there.filter((one) => heldAt(filter, one, at)).length;
  compared += 1;
  if (0 < count && count < there.length) telling += 1;
  return { at: new Date(at), customers: there.length, count };
}

/** Tells the same story to the server and to the reference, and asks for rows of every filter. */
async function check({ history, asked, picks, ...setting }: World) {
  const workspace = await openWorld(server, setting);
  await sendInBatches(server, workspace, history, [50]);
  const known = tellReference(history, setting);
  await server.database.inWorkspace(workspace.id, async (db) => {
    const vocabulary = await loadVocabulary(db);
    for (const [index, filter] of asked.entries()) {
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
  'counts at every instant of a row as a recount of the events up to then does',
  async () => {
    await fc.assert(fc.asyncProperty(worlds, check), {
      ...bounds,
      numRuns: runs + keptWorlds.length,
      examples: keptWorlds.map((world): [World] => [world]),
    });

    expect(compared).toBeGreaterThanOrEqual(1_000);
    expect(telling).toBeGreaterThanOrEqual(100);
  },
  patience,
);
