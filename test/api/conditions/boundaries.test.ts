import { describe, expect, it } from 'vitest';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const instant = Date.UTC(2026, 0, 15, 12);
const iso = (ms: number) => new Date(ms).toISOString();

/** Comparisons with an instant, and whether an equal value matches. */
const comparisons: Array<[string, object, boolean]> = [
  ['before it', { before: iso(instant) }, false],
  ['before the next millisecond', { before: iso(instant + 1) }, true],
  ['after it', { after: iso(instant) }, false],
  ['after the millisecond before', { after: iso(instant - 1) }, true],
  ['between it and later', { between: { from: iso(instant), to: iso(instant + 1) } }, true],
  ['between earlier and it', { between: { from: iso(instant - 1), to: iso(instant) } }, false],
];

const sources: Array<[string, (comparison: object) => object]> = [
  ['a fact', (comparison) => ({ fact: { firstSeenAt: comparison } })],
  ['a trait', (comparison) => ({ trait: { name: 'trialEnd', is: { date: comparison } } })],
];

describe.each(sources)('%s at an instant', (_source, filterOf) => {
  it('matches what the comparison includes', async () => {
    const workspace = await newWorkspace(server);
    const traits = { trialEnd: iso(instant) };
    await workspace.send([{ type: 'identify', userId: 'u1', timestamp: iso(instant), traits }]);

    const found = await Promise.all(
      comparisons.map(async ([name, comparison]) => {
        const { customers } = await workspace.query<{ customers: { totalCount: number } }>(
          'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }',
          { where: filterOf(comparison) },
        );
        return [name, customers.totalCount === 1];
      }),
    );

    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(comparisons.map(([name, , expected]) => [name, expected])),
    );
  });
});
