import { expect, it } from 'vitest';
import { StorageUnavailable } from '../../../src/platform/errors.ts';
import { range } from '../../support/change-log.ts';
import { createLiveLog, joinGroup, settle } from '../../support/live-group.ts';

it('executes a change once for all members', async () => {
  const live = createLiveLog();
  const { group, executed } = live.openGroup();
  const members = range(1, 20).map(() => joinGroup(group, 0));

  for (let change = 0; change < 3; change += 1) await live.publish(1);

  const taken = await Promise.all(members.map(({ takeUntil }) => takeUntil(3)));
  expect(taken).toEqual(members.map(() => [1, 2, 3]));
  expect(executed).toEqual([1, 2, 3]);
});

it('executes only changes of interest', async () => {
  const live = createLiveLog();
  const { group, executed } = live.openGroup({ interest: [['customer:a']] });
  const member = joinGroup(group, 0);

  await live.publish(2, { customerId: 'b' });
  await live.publish(1, { customerId: 'a' });
  await live.publish(3, { customerId: 'b' });
  await live.publish(2, { customerId: 'a' });

  expect(await member.takeUntil(3)).toEqual([3, 7, 8]);
  expect(executed).toEqual([3, 7, 8]);
});

it('looks at no change again that was of no interest, however long nothing was', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup({ interest: [['customer:a']] });
  const member = joinGroup(group, 0);
  const wakes = 50;
  for (let wake = 1; wake < wakes; wake += 1) await live.publish(100, { customerId: 'b' });

  await live.publish(1, { customerId: 'a' });

  expect(await member.takeUntil(1)).toEqual([4_901]);
  expect(live.lookups()).toBe(wakes);
});

it.each([0, 1, 4, 299, 300])(
  'delivers what was missed after position %i from the log, then live, without gap or repeat',
  async (after) => {
    const live = createLiveLog(300);
    const { group, executed } = live.openGroup();
    const member = joinGroup(group, after);
    await member.takeUntil(300 - after);

    await live.publish(2);

    expect(await member.takeUntil(302 - after)).toEqual(range(after + 1, 302));
    expect(new Set(executed).size).toBe(executed.length);
  },
);

it.each([10, 250, 290])('resumes after %i during a burst without gap or repeat', async (after) => {
  const live = createLiveLog(300);
  const { group } = live.openGroup();
  const present = joinGroup(group, 300);
  const resumed = joinGroup(group, after);
  const taking = [present.takeUntil(700), resumed.takeUntil(1_000 - after)];

  for (let burst = 0; burst < 70; burst += 1) await live.publish(10);

  expect(await Promise.all(taking)).toEqual([range(301, 1_000), range(after + 1, 1_000)]);
});

it('executes the past once for all members that are behind', async () => {
  const live = createLiveLog(2_000);
  const { group, executed } = live.openGroup();
  const members = range(0, 9).map((after) => joinGroup(group, after));

  const taken = await Promise.all(members.map(({ takeUntil }, after) => takeUntil(2_000 - after)));

  expect(taken).toEqual(members.map((_member, after) => range(after + 1, 2_000)));
  expect(executed.toSorted((a, b) => a - b)).toEqual(range(1, 2_000));
});

it('executes the past at most once for each member that is behind, however far apart slow ones are', async () => {
  const pages = 60;
  const live = createLiveLog(256 * pages);
  const { group, executed } = live.openGroup();
  const starts = range(0, pages - 1).map((page) => 256 * page);

  const members = starts.map((after) => joinGroup(group, after, { isSlow: true }));
  await Promise.all(members.map(({ takeUntil }, page) => takeUntil(256 * (pages - page))));

  const missed = starts.reduce((sum, after) => sum + 256 * pages - after, 0);
  expect(executed.length).toBeLessThanOrEqual(missed);
});

it('delivers to a member that does not take everything in order, however far the others are', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup();
  const [slow, fast] = [joinGroup(group, 0), joinGroup(group, 0)];
  const taking = fast.takeUntil(3_000);
  for (let burst = 0; burst < 30; burst += 1) await live.publish(100);
  await taking;

  const taken = await slow.takeUntil(3_000);

  expect(taken).toEqual(range(1, 3_000));
  expect(live.counts.resumed).toBeGreaterThanOrEqual(3_000 - 2 * 128);
});

it('does not run ahead of its fastest member, however many changes there are', async () => {
  const live = createLiveLog();
  const { group, executed } = live.openGroup();
  const members = [joinGroup(group, 0), joinGroup(group, 0)];
  for (let burst = 0; burst < 10; burst += 1) await live.publish(100);
  await settle();
  const ahead = executed.length;

  const taken = await members[0]?.takeUntil(1_000);

  expect(ahead).toBeLessThan(2 * 128);
  expect(taken).toEqual(range(1, 1_000));
});

it('delivers to a member that joins while another one holds the group up', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup();
  const stalled = joinGroup(group, 0);
  await live.publish(1_000);
  await settle();

  const joined = joinGroup(group, 1_000);
  await live.publish(1);

  expect(await joined.takeUntil(1)).toEqual([1_001]);
  expect(await stalled.takeUntil(1_001)).toEqual(range(1, 1_001));
});

it('goes on when the member leaves that held it up', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup();
  const stalled = joinGroup(group, 0);
  await live.publish(1_000);
  await settle();
  const joined = joinGroup(group, 1_000);

  stalled.leave();
  await live.publish(1);

  expect(await joined.takeUntil(1)).toEqual([1_001]);
});

it('takes no more bytes than asked for, but at least one delivery', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup();
  const [small, large] = [
    joinGroup(group, 0, { maxBytes: 1 }),
    joinGroup(group, 0, { maxBytes: 3 * '{"data":1}'.length }),
  ];
  await live.publish(5);
  await settle();

  expect([small.take(), small.take(), large.take(), large.take(), large.take()]).toEqual([
    1, 1, 3, 2, 0,
  ]);
});

it('moves the cursor on past changes of no interest, but not past those that wait', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup({ interest: [['customer:a']] });
  const member = joinGroup(group, 0);
  await live.publish(5, { customerId: 'b' });
  const quiet = member.examined();

  await live.publish(1, { customerId: 'a' });
  await live.publish(3, { customerId: 'b' });
  await settle();
  const waiting = member.examined();
  await member.takeUntil(1);

  expect([quiet, waiting, member.examined()]).toEqual([
    'testepoch.5',
    'testepoch.5',
    'testepoch.9',
  ]);
  expect(member.taken).toEqual([6]);
});

it('ends with its last member and follows nothing after that', async () => {
  const live = createLiveLog();
  const { group, executed, state } = live.openGroup();
  const [one, other] = [joinGroup(group, 0), joinGroup(group, 0)];

  one.leave();
  const endedByFirst = state.ended;
  other.leave();
  other.leave();
  await live.publish(3);
  await settle();

  expect([endedByFirst, state.ended]).toEqual([0, 1]);
  expect(executed).toEqual([]);
  expect([one.take(), other.take()]).toEqual([0, 0]);
});

it('goes on for the others when its first member leaves', async () => {
  const live = createLiveLog();
  const { group } = live.openGroup();
  const [founder, other] = [joinGroup(group, 0), joinGroup(group, 0)];
  await live.publish(1);

  founder.leave();
  await live.publish(1);

  expect(await other.takeUntil(2)).toEqual([1, 2]);
});

it('repeats what the storage failed, and disturbs no other group', async () => {
  const live = createLiveLog();
  const [broken, sound] = [live.openGroup(), live.openGroup()];
  broken.state.failure = new StorageUnavailable();
  const [waiting, present] = [joinGroup(broken.group, 0), joinGroup(sound.group, 0)];
  await live.publish(3);
  await present.takeUntil(3);
  const before = waiting.take();

  broken.state.failure = undefined;

  expect(await waiting.takeUntil(3)).toEqual([1, 2, 3]);
  expect(before).toBe(0);
  expect(broken.state.ended + sound.state.ended).toBe(0);
});

it('repeats nothing of a page that was delivered before the storage failed', async () => {
  const live = createLiveLog();
  const { group, executed, state } = live.openGroup();
  const member = joinGroup(group, 0);
  state.failsAt = 100;
  const taking = member.takeUntil(200);

  await live.publish(200);

  expect(await taking).toEqual(range(1, 200));
  expect(executed).toEqual(range(1, 200));
});

it('repeats what the storage failed of the past', async () => {
  const live = createLiveLog(3);
  const { group, state } = live.openGroup();
  state.failure = new StorageUnavailable();
  const member = joinGroup(group, 0);
  const taking = member.takeUntil(3);
  await settle();

  state.failure = undefined;

  expect(await taking).toEqual([1, 2, 3]);
  expect(state.ended).toBe(0);
});

it('ends its members with another error, after their last delivery, and no other group', async () => {
  const live = createLiveLog();
  const [broken, sound] = [live.openGroup(), live.openGroup()];
  const members = [joinGroup(broken.group, 0), joinGroup(broken.group, 0)];
  const present = joinGroup(sound.group, 0);
  await live.publish(2);
  await settle();

  broken.state.failure = new Error('broken');
  await live.publish(1);
  await settle();

  for (const member of members) {
    expect(member.take()).toBe(2);
    expect(() => member.take()).toThrow('broken');
  }
  expect(await present.takeUntil(3)).toEqual([1, 2, 3]);
  expect([broken.state.ended, sound.state.ended]).toEqual([1, 0]);
});

it('ends a member that is behind with the error of its past', async () => {
  const live = createLiveLog(3);
  const { group, state } = live.openGroup();
  state.failure = new Error('broken');

  await expect(joinGroup(group, 0).takeUntil(1)).rejects.toThrow('broken');

  expect(state.ended).toBe(1);
});
