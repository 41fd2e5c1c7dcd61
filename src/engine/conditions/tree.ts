import { type Answer, answerDuring, permanentAnswer } from './clause.ts';
import type { AtomicCondition, EvaluationPoint } from './condition.ts';

/** A compiled condition. Numbers are indexes into the columns of an `AnsweredRow`. */
export type Tree =
  | { steady: number }
  | { during: number }
  | { expiring: number }
  | { all: Tree[] }
  | { any: Tree[] }
  | { not: Tree }
  | AtomicCondition;

/** The answers of SQL for one pair. Except `expiring` they are valid for every later instant too. */
export interface AnsweredRow {
  /** One letter for each steady condition: t or f. */
  steady: string;
  /** Two bounds for each clause that holds between them, in seconds since 1900. */
  during: number[];
  /** The answers of clauses whose next change cannot be predicted: SQL answers them again when they expire. */
  expiring: Answer[];
  /** The columns loaded for conditions that are answered in memory. */
  [column: string]: unknown;
}

/** The answer to a condition at an instant, from SQL's answers to its parts and the customer's placements. */
export function answerAt(tree: Tree, row: AnsweredRow, point: EvaluationPoint): Answer {
  if ('steady' in tree) return permanentAnswer(row.steady[tree.steady] === 't');
  if ('during' in tree) {
    const since = row.during[2 * tree.during] ?? Number.NaN;
    return answerDuring(since, row.during[2 * tree.during + 1] ?? Number.NaN, point.at);
  }
  if ('expiring' in tree) return row.expiring[tree.expiring] ?? Number.NaN;
  if ('kind' in tree) return answerInMemory(tree, row, point);
  if ('not' in tree) return -answerAt(tree.not, row, point);
  if ('all' in tree) {
    return Math.min(Infinity, ...tree.all.map((part) => answerAt(part, row, point)));
  }
  return Math.max(-Infinity, ...tree.any.map((part) => answerAt(part, row, point)));
}

function answerInMemory({ kind, data }: AtomicCondition, row: AnsweredRow, point: EvaluationPoint) {
  const { inMemory } = kind;
  if (!inMemory) throw new Error(`SQL has not answered a condition of kind ${kind.name}`);
  const loaded = inMemory.load && row[inMemory.load.column];
  return inMemory.answer(data, loaded, point);
}

/** The rule sets whose placements a tree depends on. */
export function ruleSetsIn(tree: Tree): string[] {
  if ('kind' in tree) return tree.kind.inMemory?.ruleSets?.(tree.data) ?? [];
  if ('not' in tree) return ruleSetsIn(tree.not);
  if ('all' in tree) return tree.all.flatMap(ruleSetsIn);
  return 'any' in tree ? tree.any.flatMap(ruleSetsIn) : [];
}
