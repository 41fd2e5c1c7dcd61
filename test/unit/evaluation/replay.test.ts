import { describe, expect, it } from 'vitest';
import type { AnsweredRow } from '../../../src/engine/conditions/tree.ts';
import {
  type EvaluationInput,
  type ReplayPoint,
  replay,
} from '../../../src/engine/evaluation/replay.ts';
import { answers, no, nth, placement, ruleSet, segment, yes } from '../../support/rule-sets.ts';

const rules = { sets: [segment('s', nth(0))], timeZone: 'UTC' };

const input = (change: Partial<EvaluationInput> = {}): EvaluationInput => ({
  customerId: 'c',
  placements: new Map(),
  due: Number.POSITIVE_INFINITY,
  steps: [],
  horizon: Number.NEGATIVE_INFINITY,
  ...change,
});

const event = (at: number, eventId = `e${at}`) =>
  ({ at, late: false, cause: 'EVENT', eventId }) as const;

/** Replays with SQL that answers each point by the function given; returns what was asked, too. */
function run(
  given: EvaluationInput,
  answer: (point: ReplayPoint) => AnsweredRow,
  used: typeof rules = rules,
) {
  const rows = new Map<string, AnsweredRow>();
  const nameOf = ({ steps, at }: ReplayPoint) => `${steps}@${at}`;
  const replaying = replay(given, used, (point) => rows.get(nameOf(point)));
  const asked: string[][] = [];
  for (;;) {
    const next = replaying.next();
    if (next.done) return { ...next.value, asked };
    asked.push(next.value.map(nameOf));
    for (const point of next.value) rows.set(nameOf(point), answer(point));
  }
}

const movesOf = ({ moves }: ReturnType<typeof run>) =>
  moves.map(({ at, cause, eventId, steps, to }) => [at, cause, eventId, steps, to ? 'in' : 'out']);

describe('replay', () => {
  it('evaluates nothing where nothing is due and nothing happens', () => {
    const result = run(input({ due: 50, horizon: 49 }), () => answers(yes()));

    expect(result).toMatchObject({ moves: [], asked: [], due: 50, reached: undefined });
  });

  it('evaluates each step, and dates the moves by it', () => {
    const result = run(input({ steps: [event(10), event(20)] }), ({ steps }) =>
      answers(steps === 1 ? yes() : no()),
    );

    expect(movesOf(result)).toEqual([
      [10, 'EVENT', 'e10', 1, 'in'],
      [20, 'EVENT', 'e20', 2, 'out'],
    ]);
    expect(result).toMatchObject({ reached: 20, due: Number.POSITIVE_INFINITY });
  });

  it('evaluates what is due before a step at its instant, by what was known before the step', () => {
    const asIfInactive = ({ steps, at }: ReplayPoint) =>
      answers(steps === 0 && at >= 15 ? yes() : no());
    const result = run(input({ due: 15, steps: [event(20)] }), asIfInactive);

    expect(movesOf(result)).toEqual([
      [15, 'TIME', null, 0, 'in'],
      [20, 'EVENT', 'e20', 1, 'out'],
    ]);
  });

  it.each([
    ['what falls due exactly at a step is evaluated before it', 20, [20, 20]],
    ['what falls due after it is not', 21, [20]],
  ])('%s', (_case, due, instants) => {
    const result = run(input({ due, steps: [event(20)] }), ({ steps }) =>
      answers(steps === 0 ? yes() : due === 20 ? no() : yes()),
    );

    expect(result.moves.map(({ at }) => at)).toEqual(instants);
  });

  it('goes on to the horizon after the last step, from one due instant to the next', () => {
    const result = run(input({ steps: [event(10)], horizon: 40 }), ({ at }) =>
      at < 20 ? answers(no(20)) : at < 30 ? answers(yes(30)) : answers(no(50)),
    );

    expect(movesOf(result)).toEqual([
      [20, 'TIME', null, 1, 'in'],
      [30, 'TIME', null, 1, 'out'],
    ]);
    expect(result).toMatchObject({ due: 50, reached: 30 });
  });

  it('names the cause of the first due instant, and time for later ones', () => {
    const result = run(input({ due: 10, dueCause: 'DEFINITION', horizon: 20 }), ({ at }) =>
      at < 20 ? answers(yes(20)) : answers(no()),
    );

    expect(movesOf(result)).toEqual([
      [10, 'DEFINITION', null, 0, 'in'],
      [20, 'TIME', null, 0, 'out'],
    ]);
  });

  it('advances by a millisecond where a rule asks for the present instant again', () => {
    const result = run(input({ due: 10, horizon: 12 }), () => answers(no(5)));

    expect(result).toMatchObject({ reached: 12, due: 13, moves: [] });
  });

  it('asks in one go about all instants at which answers of the steps expire', () => {
    const given = input({ due: 5, steps: [event(10), event(20), event(30)], horizon: 40 });
    const { asked } = run(given, ({ at }) => answers(no(at + 3)));

    // Each round asks about points that only the round before made known.
    expect(asked[0]).toEqual(['0@5']);
    expect(asked.flat()).toContain('3@39');
    expect(new Set(asked.flat()).size).toBe(asked.flat().length);
  });

  it('leaves the placements of its input as they were, and keeps those of the instant with each move', () => {
    const placements = new Map([['l', placement('A')]]);
    const stages = {
      ...rules,
      sets: [ruleSet('l', { A: nth(0), B: nth(1) }), segment('s', nth(1))],
    };
    const result = run(
      input({ placements, steps: [event(10), event(20)] }),
      ({ steps }) => (steps === 1 ? answers(yes(), yes()) : answers(yes(), no())),
      stages,
    );

    expect([...placements.values()]).toEqual([placement('A')]);
    expect(result.moves.map(({ placements: then }) => [...then.keys()])).toEqual([
      ['l', 's'],
      ['l', 's'],
      ['l'],
      ['l'],
    ]);
    expect(result.placements.get('l')?.stageKey).toBe('A');
  });
});
