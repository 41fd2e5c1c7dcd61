import { addPrior, type LogNormalPrior, requirePrior } from './log-normal-prior.ts';
import { inverseCurvature } from './numerics/curvature.ts';
import { type Minimum, minimise, type Objective } from './numerics/minimise.ts';

/** Parameters at which a likelihood, or a posterior, has its maximum. */
export interface Fit<P> {
  converged: true;
  parameters: P;
  /** Of all customers, without the prior, in the unit of time or money of the data. */
  logLikelihood: number;
  /** Customers. */
  n: number;
  iterations: number;
  /** By the observed information and the delta method; of the posterior where there is a prior. */
  standardErrors: P;
  /** Whether a prior had its say. */
  hasPrior: boolean;
}

/** Why there is no fit. */
export type FailureReason =
  | 'NO_CUSTOMERS'
  /** Nobody has come back, or nobody has left, or nobody differs: there is nothing to learn. */
  | 'NOTHING_TO_LEARN'
  | 'NOT_CONVERGED'
  /** A parameter could as well be infinite or zero. */
  | 'NOT_DETERMINED'
  /** Some rows can be told apart with certainty, which takes infinite coefficients. */
  | 'SEPARATED'
  /** The higher the score, the rarer the outcome: the score must not be used. */
  | 'RANKS_BACKWARDS';

/** No fit. It has no parameters, so nobody can take it for one. */
export interface FitFailure {
  converged: false;
  reason: FailureReason;
  /** A sentence that says what to do. */
  message: string;
  n: number;
  iterations: number;
}

/** The mean log-likelihood of positive parameters, and how to look for its maximum. */
export interface PositiveProblem<P> {
  /** The order of the coordinates. */
  names: readonly (keyof P & string)[];
  n: number;
  /** Where to begin, one after the other until one converges. */
  starts: readonly P[];
  /** Answers the mean log-likelihood and writes its gradient; both in the parameters themselves. */
  meanLogLikelihood(parameters: Float64Array, gradient: Float64Array): number;
  prior?: LogNormalPrior<P> | undefined;
}

// Beyond a factor e^5 to either side, an estimate says nothing about its parameter.
const maxLogError = 5;

/**
 * Maximises over the logarithms of the parameters, so that all stay positive and the unit of time is a mere
 * shift; over the mean log-likelihood, so that convergence means the same for 30 customers and a million.
 */
export function fitPositive<P extends object>(problem: PositiveProblem<P>): Fit<P> | FitFailure {
  const objective = toObjective(problem);
  let iterations = 0;
  let best: Minimum | undefined;
  for (const start of problem.starts) {
    const minimum = minimise(objective, toArray(problem.names, start).map(Math.log));
    iterations += minimum.iterations;
    if (minimum.converged) {
      best = minimum;
      break;
    }
  }
  if (!best) return failure('NOT_CONVERGED', { n: problem.n, iterations });
  const variances = inverseCurvature(objective, best.point);
  const size = problem.names.length;
  const logErrors = problem.names.map((_, i) =>
    Math.sqrt((variances?.[i * (size + 1)] ?? Number.POSITIVE_INFINITY) / problem.n),
  );
  if (!logErrors.every((error) => error <= maxLogError)) {
    return failure('NOT_DETERMINED', { n: problem.n, iterations });
  }
  return describe(problem, best, { logErrors, iterations });
}

const messages: Record<FailureReason, string> = {
  NO_CUSTOMERS: 'There are no customers to fit: wait for the first ones.',
  NOTHING_TO_LEARN:
    'Everybody did the same, so nothing can be learnt: wait for more data or fit with a prior.',
  NOT_CONVERGED: 'The fit did not converge: keep the earlier parameters, or fit with a prior.',
  NOT_DETERMINED: 'The data do not determine every parameter: add customers, or fit with a prior.',
  SEPARATED: 'Some features decide the outcome with certainty: leave them out or fit with a prior.',
  RANKS_BACKWARDS: 'The score falls where the outcome is likelier: do not use it.',
};

/** A failure in the words that belong to its reason. */
export const failure = (
  reason: FailureReason,
  { n, iterations = 0 }: { n: number; iterations?: number },
): FitFailure => ({ converged: false, reason, message: messages[reason], n, iterations });

function toArray<P extends object>(names: readonly (keyof P & string)[], parameters: P) {
  return Float64Array.from(names, (name) => Number(parameters[name]));
}

function fromArray<P extends object>(names: readonly (keyof P & string)[], values: Float64Array) {
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as P;
}

function toObjective<P extends object>(problem: PositiveProblem<P>): Objective {
  const { names, n, prior, meanLogLikelihood } = problem;
  if (prior) requirePrior(prior);
  const logCentres = prior && toArray(names, prior.centres).map(Math.log);
  return (logPoint, gradient) => {
    const parameters = logPoint.map(Math.exp);
    const value = -meanLogLikelihood(parameters, gradient);
    for (let i = 0; i < gradient.length; i += 1) {
      gradient[i] = -(gradient[i] ?? 0) * (parameters[i] ?? 0);
    }
    if (!prior || !logCentres) return value;
    return value + addPrior({ logCentres, sd: prior.sd, n }, logPoint, gradient);
  };
}

function describe<P extends object>(
  { names, n, prior, meanLogLikelihood }: PositiveProblem<P>,
  { point }: Minimum,
  { logErrors, iterations }: { logErrors: number[]; iterations: number },
): Fit<P> {
  const parameters = point.map(Math.exp);
  const standardErrors = parameters.map((value, i) => value * (logErrors[i] ?? 0));
  return {
    converged: true,
    parameters: fromArray(names, parameters),
    logLikelihood: n * meanLogLikelihood(parameters, new Float64Array(parameters.length)),
    n,
    iterations,
    standardErrors: fromArray(names, standardErrors),
    hasPrior: prior !== undefined,
  };
}
