import type { AbsentData } from './absent-data.ts';
import type { Condition } from './condition.ts';

const always: Condition = { all: [] };
const never: Condition = { any: [] };

const isAlways = (condition: Condition) => 'all' in condition && condition.all.length === 0;
const isNever = (condition: Condition) => 'any' in condition && condition.any.length === 0;

/**
 * Simplifies a condition for customers without the absent data: removes the parts that this decides, so that SQL
 * has less to look up. Most rules concern few customers. Decision 0012.
 */
export function narrow(condition: Condition, absent: AbsentData): Condition {
  if ('all' in condition) {
    const parts = condition.all.map((part) => narrow(part, absent));
    if (parts.some(isNever)) return never;
    const open = parts.filter((part) => !isAlways(part));
    return onlyOne(open) ?? { all: open };
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => narrow(part, absent));
    if (parts.some(isAlways)) return always;
    const open = parts.filter((part) => !isNever(part));
    return onlyOne(open) ?? { any: open };
  }
  if ('not' in condition) {
    const part = narrow(condition.not, absent);
    if (isNever(part)) return always;
    return isAlways(part) ? never : { not: part };
  }
  const known = condition.kind.answerWithout?.(condition.data, absent);
  if (known === undefined) return condition;
  return known ? always : never;
}

const onlyOne = (parts: Condition[]) => (parts.length === 1 ? parts[0] : undefined);
