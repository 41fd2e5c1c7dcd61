import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideHandOff, type StageMove } from '../../../src/domains/tasks/decide-hand-off.ts';
import { type StageOwner, stageOwnerKey } from '../../../src/domains/tasks/stage-owners.ts';
import { requireDuration } from '../../../src/platform/time/duration.ts';

const now = new Date('2026-03-10T12:00:00Z');
const marketing = { id: 't1', name: 'Marketing' };
const sales = { id: 't2', name: 'Sales' };

const owner = (change: Partial<StageOwner>): StageOwner => ({
  stageName: 'Retention',
  team: null,
  memberId: null,
  acceptWithin: null,
  ...change,
});

const move = (change: Partial<StageMove> = {}): StageMove => ({
  customerId: 'c1',
  lifecycleId: 'l1',
  from: 'FROM',
  to: 'TO',
  at: now,
  cause: 'EVENT',
  ...change,
});

interface Owners {
  from?: Partial<StageOwner>;
  to?: Partial<StageOwner>;
}

function decide({ from, to }: Owners, change: Partial<StageMove> = {}, timeZone = 'UTC') {
  const owners = new Map<string, StageOwner>();
  if (from) owners.set(stageOwnerKey('l1', 'FROM'), owner(from));
  if (to) owners.set(stageOwnerKey('l1', 'TO'), owner(to));
  return decideHandOff(move(change), { owners, timeZone, now });
}

it.each<[string, Owners, Partial<StageMove>]>([
  ['from another team', { from: { team: marketing }, to: { team: sales } }, {}],
  ['from a stage without an owner', { to: { team: sales } }, {}],
  ['into its first stage', { to: { team: sales } }, { from: null }],
  ['to a member of no team', { from: { team: sales }, to: { memberId: 'm1' } }, {}],
  [
    'from one member of no team to another',
    { from: { memberId: 'm1' }, to: { memberId: 'm2' } },
    {},
  ],
  ['by a manual move', { to: { team: sales } }, { cause: 'MANUAL' }],
  ['by time', { to: { team: sales } }, { cause: 'TIME' }],
  ['exactly a day ago', { to: { team: sales } }, { at: new Date('2026-03-09T12:00:00Z') }],
])('creates a task for a customer who comes %s', (_what, owners, change) => {
  expect(decide(owners, change)).toBeDefined();
});

it.each<[string, Owners, Partial<StageMove>]>([
  ['into a stage without an owner', { from: { team: sales } }, {}],
  ['within one team', { from: { team: sales }, to: { team: sales } }, {}],
  [
    'from a team to one of its members',
    { from: { team: sales }, to: { team: sales, memberId: 'm1' } },
    {},
  ],
  [
    'from a stage to another of the same member',
    { from: { memberId: 'm1' }, to: { memberId: 'm1' } },
    {},
  ],
  ['by a change of the rules', { to: { team: sales } }, { cause: 'DEFINITION' }],
  ['more than a day ago', { to: { team: sales } }, { at: new Date('2026-03-09T11:59:59.999Z') }],
  [
    'into a stage of the same key in another lifecycle',
    { to: { team: sales } },
    { lifecycleId: 'l2' },
  ],
])('creates no task for a customer who comes %s', (_what, owners, change) => {
  expect(decide(owners, change)).toBeUndefined();
});

it('returns both owners and the time until which the task must be accepted', () => {
  const acceptWithin = requireDuration('PT4H');

  expect(
    decide({ from: { team: marketing }, to: { team: sales, memberId: 'm1', acceptWithin } }),
  ).toEqual({
    move: move(),
    fromTeamId: 't1',
    teamId: 't2',
    assigneeId: 'm1',
    title: 'Take over in Retention from Marketing',
    dueAt: new Date('2026-03-10T16:00:00Z'),
  });
  expect(decide({ to: { team: sales } })).toMatchObject({
    fromTeamId: null,
    assigneeId: null,
    title: 'Take over in Retention',
    dueAt: null,
  });
});

it("counts days by the calendar of the workspace's time zone", () => {
  const acceptWithin = requireDuration('P1D');
  const at = new Date('2026-03-28T12:00:00Z');

  const owners = new Map([[stageOwnerKey('l1', 'TO'), owner({ team: sales, acceptWithin })]]);
  const handOff = decideHandOff(move({ at }), { owners, timeZone: 'Europe/Berlin', now: at });

  // The night in which clocks are set forward has 23 hours.
  expect(handOff?.dueAt).toEqual(new Date('2026-03-29T11:00:00Z'));
});

const parties: Array<Partial<StageOwner> | undefined> = [
  undefined,
  { team: marketing },
  { team: sales },
  { team: sales, memberId: 'm1' },
  { team: marketing, memberId: 'm2' },
  { memberId: 'm3' },
  { memberId: 'm4' },
];

/** A second definition of a hand-off: a name for each side, equal within a team. */
const sideOf = (party: Partial<StageOwner> | undefined) =>
  party === undefined ? 'nobody' : (party.team?.name ?? `alone: ${party.memberId}`);

it('creates a task exactly for a recent move to another owner', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...parties),
      fc.constantFrom(...parties),
      fc.constantFrom('EVENT', 'TIME', 'MERGE', 'UNMERGE', 'MANUAL', 'DEFINITION'),
      fc.integer({ min: -48 * 60, max: 60 }),
      (from, to, cause, minutes) => {
        const at = new Date(now.getTime() + minutes * 60_000);

        const handOff = decide({ ...(from && { from }), ...(to && { to }) }, { cause, at });

        const isOthers = to !== undefined && sideOf(from) !== sideOf(to);
        expect(handOff !== undefined).toBe(
          isOthers && cause !== 'DEFINITION' && minutes >= -24 * 60,
        );
        expect(handOff?.teamId).toBe(handOff && (to?.team?.id ?? null));
        expect(handOff?.fromTeamId).toBe(handOff && (from?.team?.id ?? null));
      },
    ),
  );
});
