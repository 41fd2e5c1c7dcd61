import { addPrior, type LogNormalPrior, requirePrior } from './log-normal-prior.ts';
import { inverseCurvature } from './numerics/curvature.ts';
import { type Minimum, minimise, type Objective } from './numerics/minimise.ts';

/** The parameters that maximise a likelihood or a posterior. */
export interface Fit<P> {
  converged: true;
  parameters: P;
  /** Of all customers, without the prior, in the unit of time or money of the data. */
  logLikelihood: number;
  /** Customers. */
  n: number;
  iterations: number;
  /** From the observed information and the delta method; of the posterior if there is a prior. */
  standardErrors: P;
  /** Whether a prior was used. */
  hasPrior: boolean;
}

/** Why a fit failed. */
export type FailureReason =
  | 'NO_CUSTOMERS'
  /** No repeat purchase, no loss or no variation: the data contain no information. */
  | 'NOTHING_TO_LEARN'
  | 'NOT_CONVERGED'
  /** A parameter could as well be infinite or zero. */
  | 'NOT_DETERMINED'
  /** Some features separate the outcomes perfectly, which requires infinite coefficients. */
  | 'SEPARATED'
  /** A higher score means a rarer outcome: the score must not be used. */
  | 'RANKS_BACKWARDS';

/** A failed fit. It has no parameters. */
export interface FitFailure {
  converged: false;
  reason: FailureReason;
  /** Says what to do. */
  message: string;
  n: number;
  iterations: number;
}

/** The mean log-likelihood as a function of positive parameters, and the options for maximising it. */
export interface PositiveProblem<P> {
  /** The order of the coordinates. */
  names: readonly (keyof P & string)[];
  n: number;
  /** Starting points, tried in order until one converges. */
  starts: readonly P[];
  /** Returns the mean log-likelihood and writes its gradient, both in the parameters themselves. */
  meanLogLikelihood(parameters: Float64Array, gradient: Float64Array): number;
  prior?: LogNormalPrior<P> | undefined;
}

// An estimate with a standard error above a factor of e^5 does not determine its parameter.
const maxLogError = 5;

/**
 * Maximises over the logarithms of the parameters, so that all stay positive and the unit of time is only a
 * shift. Uses the mean log-likelihood, so that convergence means the same for 30 customers and a million.
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
  NO_CUSTOMERS: 'There are no customers to fit. Wait for the first ones.',
  NOTHING_TO_LEARN:
    'All customers behaved the same, so the fit has no information. Wait for more data.',
  NOT_CONVERGED:
    'The fit did not converge, because the model does not describe these data. Keep the previous parameters.',
  NOT_DETERMINED:
    'The data do not determine every parameter. Keep the previous parameters, or add customers.',
  SEPARATED: 'Some features determine the outcome with certainty. Remove them.',
  RANKS_BACKWARDS: 'A higher score means a less likely outcome. Do not use this score.',
};

/** Creates the failure for a reason. */
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
