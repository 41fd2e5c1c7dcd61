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
  [...storedFacts().values()].filter(({ currency }) => currency === 'EACH'),
);

export const newFacts = (): Facts =>
  Object.fromEntries([...storedFacts().values()].map(({ column, fold }) => [column, fold.initial]));

/** An empty set of days for each fact that counts days, by column. */
export const newDays = (): Record<string, Set<string>> =>
  Object.fromEntries(dayFacts().map(({ column }) => [column, new Set()]));

/** The part of an event that decides to which facts it counts. */
interface CountedEvent {
  effect: string | null;
  currency: string | null;
}

/** Whether an event of the customer's own is folded into a fact. */
export const isFoldedInto = (
  { effects, currency }: StoredFact,
  event: CountedEvent,
  ownCurrency: string,
): boolean =>
  (!effects || (event.effect !== null && effects.includes(event.effect))) &&
  (!currency || event.currency === ownCurrency);

const factsByEvent = perInstallation(() => new Map<string, readonly StoredFact[]>());

/** The facts that an event of the customer's own changes. */
export function factsChangedBy(event: CountedEvent, ownCurrency: string): readonly StoredFact[] {
  const key = `${event.currency === ownCurrency} ${event.effect}`;
  const known = factsByEvent().get(key);
  if (known) return known;
  const facts = [...storedFacts().values()].filter((fact) =>
    isFoldedInto(fact, event, ownCurrency),
  );
  factsByEvent().set(key, facts);
  return facts;
}

/** The stored facts that a fact consists of; undefined for a column that is no fact. */
const partsOf = (fact: Fact): ReadonlyArray<StoredFact | undefined> =>
  isStored(fact) ? [fact] : fact.columns.map((column) => storedFacts().get(column));

/** The effects of the events that a fact is derived from; undefined for all events of the customer's own. */
export function effectsOf(fact: Fact): readonly string[] | undefined {
  const effects = partsOf(fact).map((part) => part?.effects);
  return effects.every((some) => some !== undefined) ? [...new Set(effects.flat())] : undefined;
}

/** A condition on the rows `e`, of which those without an origin are not events. Events of the system have no effect. */
export const hasEffect = (effects: readonly string[] | undefined): Sql =>
  effects ? sql`e.effect = any(${[...effects]}::text[])` : sql`e.origin = 'CUSTOMER'`;

/** The currency of a workspace. */
export const ownCurrencySql = (workspaceId: string): Sql =>
  sql`(select currency from workspace where id = ${workspaceId}::uuid)`;

/** A condition on the rows `e` for the events that a fact is derived from. */
export function isEventOf(fact: Fact, workspaceId: string): Sql {
  const hasOneOf = hasEffect(effectsOf(fact));
  if (!partsOf(fact).every((part) => part?.currency)) return hasOneOf;
  return sql`(${hasOneOf} and e.currency = ${ownCurrencySql(workspaceId)})`;
}

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
