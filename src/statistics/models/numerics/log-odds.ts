/** 1 / (1 + exp(-logOdds)), without overflow at either end. */
export function toProbability(logOdds: number): number {
  if (logOdds >= 0) return 1 / (1 + Math.exp(-logOdds));
  const odds = Math.exp(logOdds);
  return odds / (1 + odds);
}

/** ln(p / (1 - p)); infinite at 0 and 1. */
export const toLogOdds = (probability: number): number =>
  Math.log(probability) - Math.log1p(-probability);

/** ln(1 + exp(x)): the log-likelihood of a logistic model, without overflow. */
export const logOnePlusExp = (x: number): number =>
  x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
