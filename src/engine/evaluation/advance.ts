import type { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { storedPairs } from '../conditions/answer.ts';
import { standsUntil } from '../conditions/clause.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import { absentFrom } from './absent.ts';
import type { CompiledRules, Rules } from './rules.ts';
import { givenPairs, type Snapshot } from './snapshot.ts';
import type { Standing } from './standing.ts';
import { type Moment, type Story, type Walked, walk } from './walk.ts';

/** What is evaluated; who answers for it does not matter here. */
type Uncompiled = Pick<Rules, 'needs' | 'compile'>;

/** A story that a batch of events tells: the facts as they were before its first step and after each. */
export interface ToldStory extends Story {
  snapshots: readonly Snapshot[];
}

/** How a story went: where it led and by which moves. */
export interface Outcome extends Walked {
  customerId: string;
  before: Standing;
}

interface Asked<S extends Story> extends Moment {
  story: S;
}

/** What was answered at an instant, and the one at which it has to be asked again. */
interface Known {
  from: number;
  until: number;
  row: AnsweredRow;
}

/** A story under way: what has been answered so far, by the number of steps. */
interface Journey<S extends Story> {
  story: S;
  rows: Map<number, Known[]>;
  walking: ReturnType<typeof walk>;
}

const mostPairs = 5_000;
const nothingAsked: AnsweredRow = { steady: '', during: [], asked: [] };

/** Leads customers through the events of a batch, whose facts after each are at hand. */
export const advanceTold = (
  sql: Sql,
  rules: Uncompiled,
  stories: readonly ToldStory[],
): Promise<Outcome[]> => {
  const absent = absentFrom(
    stories.flatMap(({ snapshots }) => snapshots),
    rules.needs,
  );
  const compiled = rules.compile('given', absent);
  const { needs } = compiled.plan;
  const toPairs = (moments: Asked<ToldStory>[]) =>
    givenPairs(
      moments.map(({ story, steps, at }) => ({
        customerId: story.customerId,
        at,
        snapshot: demand(story.snapshots[steps]),
      })),
      needs,
    );
  return advance(sql, compiled, stories, toPairs);
};

/** Leads customers on as they are stored: through time, or after something else than an event. */
export const advanceStored = (
  sql: Sql,
  workspaceId: string,
  rules: CompiledRules,
  stories: readonly Story[],
): Promise<Outcome[]> => {
  const toPairs = (moments: Asked<Story>[]) =>
    storedPairs(
      workspaceId,
      moments.map(({ story: { customerId }, at }) => ({ customerId, at: new Date(at) })),
    );
  return advance(sql, rules, stories, toPairs);
};

/**
 * One statement answers for all moments of all customers that are known to be needed; what they say may
 * make others needed (something falls due in between), and these are asked together in turn. What is
 * good for every later instant is asked once per step.
 */
async function advance<S extends Story>(
  sql: Sql,
  rules: CompiledRules,
  stories: readonly S[],
  toPairs: (moments: Asked<S>[]) => Prisma.Sql,
): Promise<Outcome[]> {
  const { plan } = rules;
  const journeys = stories.map((story) => begin(story, rules));
  const outcomes = new Map<Journey<S>, Outcome>();
  let needed = journeys.flatMap((journey) =>
    firstMoments(journey.story).map((moment) => ({ journey, ...moment })),
  );
  let open = journeys;
  while (open.length > 0) {
    await learn(needed);
    needed = [];
    open = open.filter((journey) => {
      const walked = journey.walking.next();
      if (!walked.done) {
        needed.push(...walked.value.map((moment) => ({ journey, ...moment })));
        return true;
      }
      const { customerId, standing } = journey.story;
      outcomes.set(journey, { ...walked.value, customerId, before: standing });
      return false;
    });
  }
  return journeys.map((journey) => demand(outcomes.get(journey)));

  async function learn(moments: Array<Moment & { journey: Journey<S> }>) {
    const [again, fresh] = divide(moments, ({ journey, steps }) => journey.rows.has(steps));
    for (const [part, scope] of [
      [fresh, 'all'],
      [again, 'asked'],
    ] as const) {
      for (let from = 0; from < part.length; from += mostPairs) {
        await ask(part.slice(from, from + mostPairs), scope);
      }
    }
  }

  async function ask(moments: Array<Moment & { journey: Journey<S> }>, scope: 'all' | 'asked') {
    const asked = moments.map(({ journey: { story }, steps, at }) => ({ story, steps, at }));
    const rows = plan.isEmpty
      ? undefined
      : await queryRows(sql, plan.select(toPairs(asked), scope));
    for (const [index, { journey, steps, at }] of moments.entries()) {
      const answered = rows ? demand(rows.get(index + 1)) : nothingAsked;
      const known = journey.rows.get(steps) ?? [];
      const row = { ...nothingAsked, ...known[0]?.row, ...answered };
      const until = Math.min(Infinity, ...row.asked.map(standsUntil));
      journey.rows.set(steps, [...known, { from: at, until, row }]);
    }
  }
}

function begin<S extends Story>(story: S, rules: CompiledRules): Journey<S> {
  const rows: Journey<S>['rows'] = new Map();
  const known = ({ steps, at }: Moment) =>
    rows.get(steps)?.findLast(({ from, until }) => from <= at && at < until)?.row;
  return { story, rows, walking: walk(story, rules, known) };
}

/** Every step, and what falls due before the first one. */
function firstMoments({ steps, due, horizon }: Story): Moment[] {
  const moments = steps.map((step, index) => ({ steps: index + 1, at: step.at }));
  return due <= (steps[0]?.at ?? horizon) ? [{ steps: 0, at: due }, ...moments] : moments;
}

async function queryRows(sql: Sql, { text, values }: Prisma.Sql) {
  const { rows } = await sql.query<Partial<AnsweredRow> & { ordinal: string | number }>(
    text,
    values,
  );
  return new Map(rows.map((row): [number, Partial<AnsweredRow>] => [Number(row.ordinal), row]));
}

function divide<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A customer was asked about that does not exist');
  return value;
}
