import fc from 'fast-check';
import { expect, it } from 'vitest';
import { range } from '../../support/change-log.ts';
import { createLiveLog, joinGroup, settle } from '../../support/live-group.ts';

type Joined = ReturnType<typeof joinGroup>;
type Step =
  | { publish: number }
  | { join: number }
  | { take: number }
  | { leave: number }
  | 'settle';

const steps = fc.array<Step>(
  fc.oneof(
    fc.record({ publish: fc.constantFrom(1, 3, 70, 300) }),
    fc.record({ join: fc.nat(400) }),
    fc.record({ take: fc.nat(20) }),
    fc.record({ take: fc.nat(20) }),
    fc.record({ leave: fc.nat(20) }),
    fc.constant('settle' as const),
  ),
  { minLength: 1, maxLength: 40 },
);

/** Runs the steps on one group; returns the members and those that left. */
async function play(script: readonly Step[]) {
  const live = createLiveLog();
  const { group } = live.openGroup();
  // Holds the group open.
  const present: Joined[] = [joinGroup(group, 0)];
  const starts = new Map<Joined, number>([[present[0] as Joined, 0]]);
  const waiting = () => [...group.members()].reduce((sum, member) => sum + member.waiting(), 0);
  for (const step of script) {
    if (step === 'settle') await settle();
    else if ('publish' in step) await live.publish(step.publish);
    else if ('join' in step) {
      const start = Math.max(0, Number(live.tail.head()) - step.join);
      const joined = joinGroup(group, start);
      starts.set(joined, start);
      present.push(joined);
    } else if ('take' in step) present[step.take % present.length]?.take();
    else if (present.length > 1) {
      const [left] = present.splice(1 + (step.leave % (present.length - 1)), 1);
      left?.leave();
    }
    const { due, sent, resumed, missed } = live.counts;
    expect(due).toBe(sent + resumed + missed + waiting());
  }
  return { live, present, starts, waiting };
}

it('counts each delivery that was due as sent, resumed, missed or waiting, at every moment', async () => {
  const property = fc.asyncProperty(steps, async (script) => {
    const { live, present, starts, waiting } = await play(script);
    const end = Number(live.tail.head());
    for (const member of present) await member.takeUntil(end - (starts.get(member) ?? 0));

    for (const [member, start] of starts) {
      expect(member.taken).toEqual(range(start + 1, start + member.taken.length));
    }
    const { due, sent, resumed, missed } = live.counts;
    expect(waiting()).toBe(0);
    expect(due).toBe(sent + resumed + missed);
    const taken = [...starts.keys()].reduce((sum, member) => sum + member.taken.length, 0);
    expect(sent + resumed).toBe(taken);
  });
  await fc.assert(property, { numRuns: 200 });
});
