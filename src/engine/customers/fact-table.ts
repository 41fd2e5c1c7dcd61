import { type Sql, sql } from '../../platform/sql.ts';
import { perInstallation } from '../extensions.ts';
import { engineFacts } from './engine-facts.ts';
import type { Fact, Facts, FactValue, StoredFact } from './fact.ts';

const isStored = (fact: Fact): fact is StoredFact => 'fold' in fact;

const allFacts = perInstallation((extensions): readonly Fact[] => [
  ...engineFacts,
  ...extensions.flatMap(({ facts }) => facts ?? []),
]);

/** The facts in columns of `customer`, by column. */
export const storedFacts = perInstallation(
  (): ReadonlyMap<string, StoredFact> =>
    new Map(
      allFacts()
        .filter(isStored)
        .map((fact) => [fact.column, fact]),
    ),
);

/** The facts that filters can use, by name. */
export const namedFacts = perInstallation(
  (): ReadonlyMap<string, Fact> =>
    new Map(
      allFacts()
        .filter((fact) => !isStored(fact) || !fact.isInternal)
        .map((fact) => [fact.name, fact]),
    ),
);

/** @throws Error if no fact has this name */
export function requireFact(name: string): Fact {
  const fact = namedFacts().get(name);
  if (!fact) throw new Error(`The fact "${name}" does not exist.`);
  return fact;
}

/** The facts that are numbers of days. */
export const dayFacts = perInstallation(() =>
  [...storedFacts().values()].flatMap((fact) =>
    fact.fold.days ? [{ ...fact, span: fact.fold.days }] : [],
  ),
);

/** The facts that are also stored for each foreign currency. */
export const currencyFacts = perInstallation(() =>
  [...storedFacts().values()].filter(({ isKeptByCurrency }) => isKeptByCurrency),
);

export const newFacts = (): Facts =>
  Object.fromEntries([...storedFacts().values()].map(({ column, fold }) => [column, fold.initial]));

/** An empty set of days for each fact that counts days, by column. */
export const newDays = (): Record<string, Set<string>> =>
  Object.fromEntries(dayFacts().map(({ column }) => [column, new Set()]));

/** Whether an event of the customer's own with this effect is folded into a fact. */
export const isFoldedInto = ({ effects }: StoredFact, effect: string | null): boolean =>
  !effects || (effect !== null && effects.includes(effect));

const factsByEffect = perInstallation(() => new Map<string | null, readonly StoredFact[]>());

/** The facts that an event of the customer's own with this effect changes. */
export function factsChangedBy(effect: string | null): readonly StoredFact[] {
  const known = factsByEffect().get(effect);
  if (known) return known;
  const facts = [...storedFacts().values()].filter((fact) => isFoldedInto(fact, effect));
  factsByEffect().set(effect, facts);
  return facts;
}

/** The effects of the events that a fact is derived from; undefined for all events of the customer's own. */
export function effectsOf(fact: Fact): readonly string[] | undefined {
  if (isStored(fact)) return fact.effects;
  const effects = fact.columns.map((column) => storedFacts().get(column)?.effects);
  return effects.every((some) => some !== undefined) ? [...new Set(effects.flat())] : undefined;
}

/** A condition on the rows `e`, of which those without an origin are not events. Events of the system have no effect. */
export const hasEffect = (effects: readonly string[] | undefined): Sql =>
  effects ? sql`e.effect = any(${[...effects]}::text[])` : sql`e.origin = 'CUSTOMER'`;

export type FactType = 'number' | 'instant' | 'boolean';

export function factType(fact: Fact): FactType {
  if (!isStored(fact)) return fact.type;
  return fact.fold.type === 'timestamptz' ? 'instant' : 'number';
}

export const isCount = (fact: Fact): boolean => isStored(fact) && fact.fold.isCount === true;

/** The value of a fact in SQL. */
export const factSql = (fact: Fact, column: (name: string) => Sql): Sql =>
  isStored(fact) ? column(fact.column) : fact.sql(column);

/** The columns of which one must have a value for an instant to exist or a boolean to be true. */
export const requiredColumns = (fact: Fact): readonly string[] =>
  isStored(fact) ? [fact.column] : (fact.falseWithout ?? []);

/** Converts a value from PostgreSQL. */
export function readFact({ fold }: StoredFact, stored: unknown): FactValue {
  if (fold.type === 'timestamptz') return stored instanceof Date ? stored : null;
  return fold.type === 'bigint' ? BigInt(String(stored)) : Number(stored);
}

/** Converts a value to JSON for PostgreSQL. */
export const writeFact = (value: FactValue | undefined) =>
  typeof value === 'bigint' ? String(value) : value;
