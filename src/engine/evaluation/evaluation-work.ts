/** The work of evaluating customers, for monitoring. */
export interface EvaluationWork {
  customers: number;
  /** Elapsed time, including that of the database. */
  seconds: number;
}

export const noEvaluationWork: EvaluationWork = { customers: 0, seconds: 0 };

export const addEvaluationWork = (a: EvaluationWork, b: EvaluationWork): EvaluationWork => ({
  customers: a.customers + b.customers,
  seconds: a.seconds + b.seconds,
});
