import { Prisma } from '../../prisma/generated/client.ts';
import type { Filter } from '../../src/engine/conditions/filter.ts';
import { resolveFilter } from '../../src/engine/conditions/resolve.ts';
import type { Vocabulary } from '../../src/engine/conditions/vocabulary.ts';
import type { Consequence } from '../../src/engine/evaluation/consequence.ts';
import { splitDifferences } from '../../src/engine/evaluation/differences.ts';
import {
  customerIdsOf,
  setIdsOf,
  sinceOf,
  stageKeysOf,
} from '../../src/engine/evaluation/placement-columns.ts';
import type { Population, ResolvedRuleSet } from '../../src/engine/evaluation/rule-set.ts';
import type { RuleSetKind } from '../../src/engine/evaluation/rule-set-kind.ts';
import type { Domain } from '../../src/entrypoints/server/domain.ts';

declare module '../../src/engine/changes/kinds.ts' {
  interface ChangeData {
    BADGE_EARNED: MoveEvidence & { badge: string; level: string };
  }
  interface ReleasedPlacements {
    badges?: string[];
  }
}

/** The tables of the domain; to be created by the owner of the database. */
export const badgeTables = `
  create table badge (workspace_id uuid, customer_id uuid, badge text, level text, since timestamptz,
    primary key (workspace_id, customer_id, badge));
  create table badge_letter (workspace_id uuid, customer_id uuid, text text);
  grant select, insert, update, delete on badge, badge_letter to public`;

const orders = (atLeast: number): Filter => ({ fact: { orderCount: { atLeast } } });
const did = (event: string): Filter => ({ did: { event: [event] } });

function badge(
  vocabulary: Vocabulary,
  id: string,
  appliesTo: Population,
  levels: Record<string, Filter>,
): ResolvedRuleSet {
  return {
    id,
    subjectId: id,
    version: 1,
    buildId: null,
    appliesTo,
    keepsUnmatched: true,
    stages: Object.entries(levels).map(([key, filter]) => ({
      key,
      filter,
      entry: resolveFilter(filter, vocabulary, 'rule'),
      stay: undefined,
    })),
  };
}

/** One badge for all customers, and one only for those who have joined it. */
export const badgeRules: RuleSetKind = {
  name: 'BADGE',
  precedes: ['LIFECYCLE'],
  resolve: (vocabulary) => ({
    sets: [
      badge(vocabulary, 'BUYER', 'ALL', { BRONZE: orders(1), GOLD: orders(2) }),
      badge(vocabulary, 'TESTER', 'PLACED', { DONE: did('Tested') }),
    ],
    store(sql, workspaceId, { differences }) {
      const { placed } = splitDifferences(differences);
      if (placed.length === 0) return;
      sql.send(
        `insert into badge (workspace_id, badge, customer_id, level, since)
         select $1, * from unnest($2::text[], $3::uuid[], $4::text[], $5::timestamptz[])
         on conflict (workspace_id, customer_id, badge) do update
           set level = excluded.level, since = excluded.since`,
        [
          workspaceId,
          setIdsOf(placed),
          customerIdsOf(placed),
          stageKeysOf(placed),
          sinceOf(placed),
        ],
      );
    },
    toChange(customerId, { set, to, cause, eventId, late, at }) {
      if (!to) return undefined;
      const data = { badge: set.id, level: to.key, cause, event: eventId, late };
      return { kind: 'BADGE_EARNED', customerId, at: new Date(at), data };
    },
  }),
  selectPlacements: (workspaceId) => Prisma.sql`
    select badge as "setId", level as "stageKey", since, null::jsonb as "leftAt",
      null::timestamptz as "pinnedUntil", null::json as data
    from badge where workspace_id = ${workspaceId}::uuid and customer_id = customer.id`,
  async release(sql, workspaceId, { from }) {
    const { rows } = await sql.query<{ badge: string }>(
      'delete from badge where workspace_id = $1 and customer_id = $2 returning badge',
      [workspaceId, from],
    );
    return { released: { badges: rows.map((row) => row.badge) } };
  },
};

const letters: Consequence = {
  async load(sql, workspaceId) {
    const { rows } = await sql.query<{ name: string }>('select name from workspace where id = $1', [
      workspaceId,
    ]);
    return (sql, workspaceId, changes) => {
      for (const { kind, customerId, data } of changes) {
        if (kind !== 'BADGE_EARNED') continue;
        const text = `${rows[0]?.name}: ${data.badge} ${data.level}`;
        sql.send('insert into badge_letter values ($1, $2, $3)', [workspaceId, customerId, text]);
      }
    };
  },
};

/** A domain of the tests alone, as others may be added. */
export const badges: Domain = {
  extension: {
    name: 'badges',
    changeKinds: ['BADGE_EARNED'],
    ruleSetKinds: [badgeRules],
    consequences: [letters],
  },
  async loadSchema() {
    const { addCause } = await import('../../schema/changes/cause.ts');
    const { defineChange } = await import('../../schema/changes/change.ts');
    const { builder } = await import('../../schema/kernel/builder.ts');
    const BadgeEarned = defineChange('BADGE_EARNED', 'BadgeEarned', 'A customer earned a badge.');
    addCause(BadgeEarned);
    builder.objectFields(BadgeEarned, (t) => ({
      badge: t.string({ resolve: ({ change }) => change.data.badge }),
      level: t.string({ resolve: ({ change }) => change.data.level }),
    }));
  },
};
