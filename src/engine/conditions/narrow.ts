import { columnsAssessed } from '../../domains/churn/filter/risk-sql.ts';
import { given } from './compare.ts';
import { isMetByNone } from './event-clause.ts';
import type { FactCondition } from './filter.ts';
import type { Clause, Condition } from './resolve.ts';
import { type FactColumn, factColumnsOf, isNumberFact } from './scope.ts';

/** What not one of some customers has: columns that are null, traits untold, events never done by `track`. */
export interface Absent {
  columns: ReadonlySet<FactColumn>;
  traits: ReadonlySet<string>;
  eventNames: ReadonlySet<string>;
}

export const nothingAbsent: Absent = {
  columns: new Set(),
  traits: new Set(),
  eventNames: new Set(),
};

const always: Condition = { all: [] };
const never: Condition = { any: [] };

const isAlways = (condition: Condition) => 'all' in condition && condition.all.length === 0;
const isNever = (condition: Condition) => 'any' in condition && condition.any.length === 0;

/**
 * The same condition for customers none of whom has what is absent: it asks for nothing of which the
 * answer is known beforehand, so that SQL has less to look up. Most rules are about few customers.
 */
export function narrow(condition: Condition, absent: Absent): Condition {
  if ('all' in condition) {
    const parts = condition.all.map((part) => narrow(part, absent));
    if (parts.some(isNever)) return never;
    const asked = parts.filter((part) => !isAlways(part));
    return onlyOne(asked) ?? { all: asked };
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => narrow(part, absent));
    if (parts.some(isAlways)) return always;
    const asked = parts.filter((part) => !isNever(part));
    return onlyOne(asked) ?? { any: asked };
  }
  if ('not' in condition) {
    const part = narrow(condition.not, absent);
    if (isNever(part)) return always;
    return isAlways(part) ? never : { not: part };
  }
  const known = answerWithout(condition, absent);
  if (known === undefined) return condition;
  return known ? always : never;
}

const onlyOne = (parts: Condition[]) => (parts.length === 1 ? parts[0] : undefined);

/** Whether a clause holds of whoever lacks what is absent; undefined if that does not settle it. */
function answerWithout(clause: Clause, absent: Absent): boolean | undefined {
  if ('trait' in clause && absent.traits.has(clause.trait.name)) {
    const [kind, operand] = given(clause.trait.is);
    if (kind === 'exists') return !operand;
    return kind === 'date' && operand.exists === false;
  }
  if ('fact' in clause) return answerFactWithout(clause.fact, absent);
  if (
    'risk' in clause &&
    columnsAssessed(clause.risk.model).every((one) => absent.columns.has(one))
  ) {
    return false;
  }
  if ('did' in clause) {
    const { kind = 'TRACK', event } = clause.did;
    const isUndone = kind === 'TRACK' && event.every((name) => absent.eventNames.has(name));
    return isUndone ? isMetByNone(clause.did) : undefined;
  }
  return undefined;
}

function answerFactWithout(condition: FactCondition, { columns }: Absent): boolean | undefined {
  const [fact, comparison] = given(condition);
  if (isNumberFact(fact) || !factColumnsOf(fact).every((column) => columns.has(column))) {
    return undefined;
  }
  return typeof comparison === 'boolean'
    ? !comparison
    : 'exists' in comparison && !comparison.exists;
}
