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

/** Replays with the given answers of SQL; also returns the queries. */
function run(
  evaluationInput: EvaluationInput,
  answer: (point: ReplayPoint) => AnsweredRow,
  used: typeof rules = rules,
) {
  const rows = new Map<string, AnsweredRow>();
  const nameOf = ({ steps, at }: ReplayPoint) => `${steps}@${at}`;
  const replaying = replay(evaluationInput, used, (point) => rows.get(nameOf(point)));
  const queries: string[][] = [];
  for (;;) {
    const next = replaying.next();
    if (next.done) return { ...next.value, queries };
    queries.push(next.value.map(nameOf));
    for (const point of next.value) rows.set(nameOf(point), answer(point));
  }
}

const movesOf = ({ moves }: ReturnType<typeof run>) =>
  moves.map(({ at, cause, eventId, steps, to }) => [at, cause, eventId, steps, to ? 'in' : 'out']);

describe('replay', () => {
  it('evaluates nothing without steps and due instants', () => {
    const result = run(input({ due: 50, horizon: 49 }), () => answers(yes()));

    expect(result).toMatchObject({ moves: [], queries: [], due: 50, reached: undefined });
  });

  it('evaluates each step and dates the moves by its instant', () => {
    const result = run(input({ steps: [event(10), event(20)] }), ({ steps }) =>
      answers(steps === 1 ? yes() : no()),
    );

    expect(movesOf(result)).toEqual([
      [10, 'EVENT', 'e10', 1, 'in'],
      [20, 'EVENT', 'e20', 2, 'out'],
    ]);
    expect(result).toMatchObject({ reached: 20, due: Number.POSITIVE_INFINITY });
  });

  it('evaluates an instant due before a step with the data from before the step', () => {
    const asIfInactive = ({ steps, at }: ReplayPoint) =>
      answers(steps === 0 && at >= 15 ? yes() : no());
    const result = run(input({ due: 15, steps: [event(20)] }), asIfInactive);

    expect(movesOf(result)).toEqual([
      [15, 'TIME', null, 0, 'in'],
      [20, 'EVENT', 'e20', 1, 'out'],
    ]);
  });

  it.each([
    ['evaluates an instant due exactly at a step before the step', 20, [20, 20]],
    ['does not evaluate an instant due after the last step', 21, [20]],
  ])('%s', (_case, due, instants) => {
    const result = run(input({ due, steps: [event(20)] }), ({ steps }) =>
      answers(steps === 0 ? yes() : due === 20 ? no() : yes()),
    );

    expect(result.moves.map(({ at }) => at)).toEqual(instants);
  });

  it('evaluates each due instant from the last step to the horizon', () => {
    const result = run(input({ steps: [event(10)], horizon: 40 }), ({ at }) =>
      at < 20 ? answers(no(20)) : at < 30 ? answers(yes(30)) : answers(no(50)),
    );

    expect(movesOf(result)).toEqual([
      [20, 'TIME', null, 1, 'in'],
      [30, 'TIME', null, 1, 'out'],
    ]);
    expect(result).toMatchObject({ due: 50, reached: 30 });
  });

  it('reports the stored cause for the first due instant, and TIME for later ones', () => {
    const result = run(input({ due: 10, dueCause: 'DEFINITION', horizon: 20 }), ({ at }) =>
      at < 20 ? answers(yes(20)) : answers(no()),
    );

    expect(movesOf(result)).toEqual([
      [10, 'DEFINITION', null, 0, 'in'],
      [20, 'TIME', null, 0, 'out'],
    ]);
  });

  it('advances by a millisecond when a rule is due at the current instant again', () => {
    const result = run(input({ due: 10, horizon: 12 }), () => answers(no(5)));

    expect(result).toMatchObject({ reached: 12, due: 13, moves: [] });
  });

  it('queries all instants at which answers of the steps expire in one batch', () => {
    const evaluationInput = input({
      due: 5,
      steps: [event(10), event(20), event(30)],
      horizon: 40,
    });
    const { queries } = run(evaluationInput, ({ at }) => answers(no(at + 3)));

    // Each round queries points that only the previous round revealed.
    expect(queries[0]).toEqual(['0@5']);
    expect(queries.flat()).toContain('3@39');
    expect(new Set(queries.flat()).size).toBe(queries.flat().length);
  });

  it('does not modify the placements of its input, and returns those of the instant with each move', () => {
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
