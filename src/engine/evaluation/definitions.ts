import type { Transaction } from '../../platform/database.ts';
import { joinSql, sql } from '../../platform/sql.ts';
import { installedExtensions } from '../extensions.ts';
import type { Definition } from './definition.ts';
import { inDependencyOrder } from './dependency-order.ts';
import type { RuleSetKind } from './rule-set-kind.ts';

/** The kinds of rule sets of the domains, in the order of evaluation. */
export function ruleSetKinds(): RuleSetKind[] {
  const kinds = installedExtensions().flatMap((extension) => extension.ruleSetKinds ?? []);
  return inDependencyOrder(kinds, ({ name }) =>
    kinds.filter(({ precedes }) => precedes?.includes(name)),
  );
}

/** @throws Error for a kind that no domain handed in */
export function requireKind(name: string): RuleSetKind {
  const kind = ruleSetKinds().find((one) => one.name === name);
  if (!kind) throw new Error(`No domain handed in the rule-set kind ${name}.`);
  return kind;
}

/** Loads all definitions, active and in builds, in one statement. */
export async function loadDefinitions(db: Transaction): Promise<Definition[]> {
  const parts = ruleSetKinds().flatMap(({ name, selectDefinitions }) =>
    selectDefinitions
      ? [sql`select ${name}::text as kind, d.* from (${selectDefinitions(db.workspaceId)}) as d`]
      : [],
  );
  if (parts.length === 0) return [];
  const { rows } = await db.query<Definition>(sql`
    ${joinSql(parts, ' union all ')} order by "buildId" nulls first, kind, key`);
  return rows;
}
