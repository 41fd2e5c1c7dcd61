import type { Prisma } from '../../prisma/generated/client.ts';
import { storedPairs } from '../conditions/answer.ts';
import type { AnsweredRow } from '../conditions/tree.ts';
import type { Sql } from '../platform/database.ts';
import type { Rules } from './rules.ts';
import { givenPairs, type Snapshot } from './snapshot.ts';
import type { Standing } from './standing.ts';
import { type Moment, momentKey, type Story, type Walked, walk } from './walk.ts';

/** A story that a batch of events tells: the facts as they were before its first step and after each. */
export interface ToldStory extends Story {
  snapshots: readonly Snapshot[];
}

/** How a story went: where it led and by which moves. */
export interface Outcome extends Walked {
  customerId: string;
  before: Standing;
  standing: Standing;
}

interface Asked<S extends Story> extends Moment {
  story: S;
}

type Ask<S extends Story> = (moments: Asked<S>[]) => Promise<Map<number, AnsweredRow>>;

const mostPairs = 5_000;
const nothingAsked: AnsweredRow = { steady: '', timed: [] };

/** Leads customers through the events of a batch, whose facts after each are at hand. */
export const advanceTold = (
  sql: Sql,
  rules: Rules,
  stories: readonly ToldStory[],
): Promise<Outcome[]> =>
  advance(rules, stories, async (moments) => {
    const pairs = moments.map(({ story, steps, at }) => ({
      customerId: story.customerId,
      at,
      snapshot: demand(story.snapshots[steps]),
    }));
    if (rules.given.isEmpty) return nothing(pairs.length);
    return ask(sql, rules.given.select(givenPairs(pairs, rules.given.needs)));
  });

/** Leads customers on as they are stored: through time, or after something else than an event. */
export const advanceStored = (
  sql: Sql,
  workspaceId: string,
  rules: Rules,
  stories: readonly Story[],
): Promise<Outcome[]> =>
  advance(rules, stories, async (moments) => {
    if (rules.stored.isEmpty) return nothing(moments.length);
    const questions = moments.map(({ story: { customerId }, at }) => ({
      customerId,
      at: new Date(at),
    }));
    return ask(sql, rules.stored.select(storedPairs(workspaceId, questions)));
  });

/**
 * One statement answers for all moments of all customers that are known to be needed; what they say may
 * make others needed (something falls due in between), and these are asked together in turn.
 */
async function advance<S extends Story>(
  rules: Rules,
  stories: readonly S[],
  askFor: Ask<S>,
): Promise<Outcome[]> {
  const known = new Map(stories.map((story) => [story, new Map<string, AnsweredRow>()]));
  const outcomes = new Map<S, Outcome>();
  let needed: Asked<S>[] = stories.flatMap(firstMoments);
  let open = [...stories];
  while (open.length > 0) {
    for (let from = 0; from < needed.length; from += mostPairs) {
      const moments = needed.slice(from, from + mostPairs);
      const rows = await askFor(moments);
      for (const [ordinal, moment] of moments.entries()) {
        known.get(moment.story)?.set(momentKey(moment), demand(rows.get(ordinal + 1)));
      }
    }
    needed = [];
    open = open.filter((story) => {
      const walked = walk(story, rules, known.get(story) ?? new Map());
      if ('unknown' in walked) {
        needed.push(...walked.unknown.map((moment) => ({ story, ...moment })));
        return true;
      }
      outcomes.set(story, {
        ...walked,
        customerId: story.customerId,
        before: story.standing,
      });
      return false;
    });
  }
  return stories.map((story) => demand(outcomes.get(story)));
}

/** Every step, and what falls due before the first one. */
function firstMoments<S extends Story>(story: S): Asked<S>[] {
  const { steps, due, horizon } = story;
  const moments = steps.map((step, index) => ({ story, steps: index + 1, at: step.at }));
  return due <= (steps[0]?.at ?? horizon) ? [{ story, steps: 0, at: due }, ...moments] : moments;
}

async function ask(sql: Sql, { text, values }: Prisma.Sql): Promise<Map<number, AnsweredRow>> {
  const { rows } = await sql.query<AnsweredRow & { ordinal: string | number }>(text, values);
  return new Map(rows.map((row) => [Number(row.ordinal), row]));
}

const nothing = (count: number) =>
  new Map(Array.from({ length: count }, (_, index) => [index + 1, nothingAsked] as const));

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A customer was asked about that does not exist');
  return value;
}
