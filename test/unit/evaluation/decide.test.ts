import { describe, expect, it } from 'vitest';
import { createDecisionCache, decide, evaluateAt } from '../../../src/engine/evaluation/decide.ts';
import type { Placements } from '../../../src/engine/evaluation/outcome.ts';
import type { RuleSet } from '../../../src/engine/evaluation/rule-set.ts';
import {
  always,
  answers,
  inStage,
  never,
  no,
  nth,
  placement,
  ruleSet,
  segment,
  yes,
} from '../../support/rule-sets.ts';

const at = 1_000_000;

describe('decide', () => {
  const stages = { NEW: nth(0), ACTIVE: nth(1), LOYAL: { entry: nth(2), stay: nth(3) } };

  it.each([
    ['no stage matches', [no(), no(), no(), no()], undefined, undefined, Infinity],
    ['one stage matches', [yes(), no(), no(), no()], undefined, 'NEW', Infinity],
    ['two stages match: the last one', [yes(), yes(), no(), no()], undefined, 'ACTIVE', Infinity],
    [
      'only the stay rule of its stage matches',
      [yes(), no(), no(), yes()],
      'LOYAL',
      'LOYAL',
      Infinity,
    ],
    [
      'only the stay rule of another stage matches',
      [yes(), no(), no(), yes()],
      'NEW',
      'NEW',
      Infinity,
    ],
    [
      'a later stage may match at an instant',
      [yes(), no(at + 5), no(), no()],
      'NEW',
      'NEW',
      at + 5,
    ],
    [
      'an earlier stage may match: its instant is ignored',
      [no(at + 5), yes(), no(), no()],
      'NEW',
      'ACTIVE',
      Infinity,
    ],
    [
      'two may change: the first instant counts',
      [yes(at + 9), no(at + 5), no(at + 7), no()],
      'NEW',
      'NEW',
      at + 5,
    ],
    [
      'its stay rule ends before its entry rule',
      [yes(), no(), yes(at + 9), yes(at + 5)],
      'LOYAL',
      'LOYAL',
      at + 9,
    ],
  ])('when %s', (_case, row, from, stage, until) => {
    const held = from === undefined ? undefined : placement(from);
    const decision = decide(ruleSet('l', stages), held, (tree) =>
      'expiring' in tree ? (row[tree.expiring] ?? Number.NaN) : Number.NaN,
    );

    expect(decision.stage?.key).toBe(stage);
    expect(decision.until).toBe(until);
  });
});

function evaluate(sets: RuleSet[], placements: Placements, row = answers()) {
  const { moves, due } = evaluateAt({ sets, timeZone: 'UTC' }, createDecisionCache(), {
    placements,
    row,
    at,
  });
  return {
    moves: moves.map(({ set, from, to }) => [set.id, from?.stageKey, to?.key]),
    due,
    placements: Object.fromEntries([...placements].map(([id, { stageKey }]) => [id, stageKey])),
  };
}

describe('evaluateAt', () => {
  it.each([
    ['keeps a customer that no stage matches', true, { l: 'A' }, []],
    ['ends its placement where the set does not keep it', false, {}, [['l', 'A', undefined]]],
  ])('%s', (_case, keepsUnmatched, placements, moves) => {
    const set = ruleSet('l', { A: never }, { keepsUnmatched });
    const result = evaluate([set], new Map([['l', placement('A')]]));

    expect(result).toMatchObject({ placements, moves });
  });

  it('moves no customer when evaluated a second time', () => {
    const sets = [ruleSet('l', { A: always }), segment('s', inStage('l', 'A'))];
    const placements: Placements = new Map();

    expect(evaluate(sets, placements).moves).toHaveLength(2);
    expect(evaluate(sets, placements).moves).toEqual([]);
  });

  it('stores when a customer entered its stage and when it left the previous one', () => {
    const placements: Placements = new Map([
      ['l', placement('A', { since: 7, leftAt: { Z: 3 }, pinnedUntil: 9 })],
    ]);
    evaluate([ruleSet('l', { A: never, B: always })], placements);

    expect(placements.get('l')).toEqual({
      stageKey: 'B',
      since: at,
      leftAt: { Z: 3, A: at },
      pinnedUntil: undefined,
    });
  });

  it.each([
    ['before the pin ends', at + 1, 'A', at + 1],
    ['once the pin has ended', at, 'B', Infinity],
    ['if the pin has no end', Infinity, 'A', Infinity],
  ])('leaves a pinned customer where it is: %s', (_case, pinnedUntil, stage, due) => {
    const placements: Placements = new Map([['l', placement('A', { pinnedUntil })]]);
    const result = evaluate([ruleSet('l', { A: never, B: always })], placements);

    expect(result).toMatchObject({ placements: { l: stage }, due });
  });

  it('repeats until no customer moves, because a move can make another rule match', () => {
    const wasInA = inStage('l', 'A', { ever: true });
    const sets = [ruleSet('l', { A: always, B: wasInA }, { dependsOn: ['l'] })];

    expect(evaluate(sets, new Map()).moves).toEqual([
      ['l', undefined, 'A'],
      ['l', 'A', 'B'],
    ]);
  });

  it('terminates when two rules contradict each other', () => {
    const there = inStage('l', 'A');
    const set = ruleSet('l', { A: { not: there }, B: there }, { dependsOn: ['l'] });

    expect(evaluate([set], new Map()).moves.length).toBeLessThanOrEqual(4);
  });

  it('shows the placements of a build only to the rule set of that build', () => {
    const build = { id: 'build', buildId: 'build', subjectId: 'l', dependsOn: ['l'] };
    const sets = [
      ruleSet('l', { A: never, B: always }),
      ruleSet('build', { A: always, C: inStage('l', 'A', { ever: true }) }, build),
      segment('s', inStage('l', 'C'), { dependsOn: ['l'] }),
    ];
    const result = evaluate(sets, new Map([['l', placement('A')]]));

    expect(result.placements).toEqual({ l: 'B', build: 'C' });
  });

  it('is due at the earliest instant at which an answer of any set may change', () => {
    const sets = [segment('s1', nth(0)), segment('s2', nth(1)), segment('s3', nth(2))];

    expect(evaluate(sets, new Map(), answers(no(at + 9), yes(at + 4), yes())).due).toBe(at + 4);
  });

  it('evaluates a rule set that applies to placed customers for those only', () => {
    const set = ruleSet('l', { A: nth(0), B: always }, { appliesTo: 'PLACED' });

    expect(evaluate([set], new Map(), answers(no(at + 1)))).toMatchObject({
      moves: [],
      due: Infinity,
    });
    expect(evaluate([set], new Map([['l', placement('A')]])).placements).toEqual({ l: 'B' });
  });
});

describe('an answer of an earlier evaluation', () => {
  const stages = ruleSet('l', { A: nth(0), B: nth(1) });
  const members = segment('s', inStage('l', 'B'), { dependsOn: ['l'] });
  const rules = { sets: [members, stages, members], timeZone: 'UTC' };

  it('is reused until it expires, unless a rule set that it depends on has moved the customer', () => {
    const placements: Placements = new Map([['l', placement('A')]]);
    const { moves } = evaluateAt(rules, createDecisionCache(), {
      placements,
      row: answers(yes(), yes()),
      at,
    });

    // The members were first evaluated before the move of the stage.
    expect(moves.map(({ set }) => set.id)).toEqual(['l', 's']);
  });

  it('is not reused after a new answer from SQL or after it has expired', () => {
    const placements: Placements = new Map([['l', placement('A')]]);
    const findings = createDecisionCache();
    const row = answers(yes(at + 5), no());
    const movesAt = (instant: number, answered = row) =>
      evaluateAt(rules, findings, { placements, row: answered, at: instant }).moves.length;

    expect(movesAt(at)).toBe(0);
    row.expiring[1] = yes();
    expect(movesAt(at + 1)).toBe(0);
    expect(movesAt(at + 5)).toBe(2);
    expect(movesAt(at + 6, answers(yes(), no()))).toBe(2);
  });
});
