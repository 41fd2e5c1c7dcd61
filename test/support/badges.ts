import type { Filter } from '../../src/engine/conditions/filter.ts';
import { resolveFilter } from '../../src/engine/conditions/resolve.ts';
import type { Vocabulary } from '../../src/engine/conditions/vocabulary.ts';
import type { Consequence } from '../../src/engine/evaluation/consequence.ts';
import { splitDifferences } from '../../src/engine/evaluation/differences.ts';
import { keyColumns, placementColumns } from '../../src/engine/evaluation/placement-columns.ts';
import type { Population, ResolvedRuleSet } from '../../src/engine/evaluation/rule-set.ts';
import type { RuleSetKind } from '../../src/engine/evaluation/rule-set-kind.ts';
import type { Domain } from '../../src/entrypoints/server/domain.ts';
import { sql, unnestRows } from '../../src/platform/sql.ts';

declare module '../../src/engine/changes/kinds.ts' {
  interface ChangeData {
    BADGE_EARNED: MoveEvidence & { badge: string; level: string };
  }
  interface ReleasedPlacements {
    badges?: string[];
  }
}

/** The tables of the domain, which the owner of the database creates. */
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

/** A badge for all customers, and one only for customers placed in it. */
export const badgeRules: RuleSetKind = {
  name: 'BADGE',
  precedes: ['LIFECYCLE'],
  resolve: (vocabulary) => ({
    sets: [
      badge(vocabulary, 'BUYER', 'ALL', { BRONZE: orders(1), GOLD: orders(2) }),
      badge(vocabulary, 'TESTER', 'PLACED', { DONE: did('Tested') }),
    ],
    store(db, { differences }) {
      const { placed } = splitDifferences(differences);
      if (placed.length === 0) return;
      db.send(sql`
        insert into badge (workspace_id, badge, customer_id, level, since)
        select ${db.workspaceId}, * from ${unnestRows('row', placed, {
          ...keyColumns,
          set_id: ['text', ({ set }) => set.id],
          stage_key: placementColumns.stage_key,
          since: placementColumns.since,
        })}
        on conflict (workspace_id, customer_id, badge) do update
          set level = excluded.level, since = excluded.since`);
    },
    toChange(customerId, { set, to, cause, eventId, late, at }) {
      if (!to) return undefined;
      const data = { badge: set.id, level: to.key, cause, event: eventId, late };
      return { kind: 'BADGE_EARNED', customerId, at: new Date(at), data };
    },
  }),
  selectPlacements: (workspaceId) => sql`
    select badge as "setId", level as "stageKey", since, null::jsonb as "leftAt",
      null::timestamptz as "pinnedUntil", null::json as data
    from badge where workspace_id = ${workspaceId}::uuid and customer_id = customer.id`,
  async release(db, { from }) {
    const { rows } = await db.query<{ badge: string }>(sql`
      delete from badge where workspace_id = ${db.workspaceId} and customer_id = ${from} returning badge`);
    return { released: { badges: rows.map((row) => row.badge) } };
  },
};

const letters: Consequence = {
  async load(db) {
    const { rows } = await db.query<{ name: string }>(sql`
      select name from workspace where id = ${db.workspaceId}`);
    return (db, changes) => {
      for (const { kind, customerId, data } of changes) {
        if (kind !== 'BADGE_EARNED') continue;
        const text = `${rows[0]?.name}: ${data.badge} ${data.level}`;
        db.send(sql`insert into badge_letter values (${db.workspaceId}, ${customerId}, ${text})`);
      }
    };
  },
};

/** A domain that exists in tests only, to test adding one. */
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
