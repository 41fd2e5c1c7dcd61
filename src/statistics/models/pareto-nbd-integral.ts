import { gaussLegendre } from './numerics/gauss-legendre.ts';

/** r, alpha: gamma distribution of purchase rates; s, beta: gamma distribution of drop-out rates. */
export interface ParetoParameters {
  r: number;
  /** In the unit of time. */
  alpha: number;
  s: number;
  /** In the unit of time. */
  beta: number;
}

/** The integrand y^n (alpha+y)^-rate (beta+y)^-leaving; n is 0 except for counts. */
export interface Integrand {
  n: number;
  rate: number;
  alpha: number;
  leaving: number;
  beta: number;
}

/** The logarithm of the integrand without the factor y^n, which is 0 at y = 0. */
const logIntegrand = ({ n, rate, alpha, leaving, beta }: Integrand, y: number) =>
  (n === 0 ? 0 : n * Math.log(y)) - rate * Math.log(alpha + y) - leaving * Math.log(beta + y);

// If the logarithm changes by at most 8 and the variable by at most 1.5 per panel, 12 nodes are exact to rounding.
const maxChange = 8;
const maxWidth = 1.5;
const negligible = 1e-17;

/** A node of the integral: ln(alpha + y), ln(beta + y) and its share of the integral over exp(`logReference`). */
type Visit = (y: number, logAlpha: number, logBeta: number, share: number) => void;

/**
 * Visits the nodes of the integral of the integrand from `from` to `to` and returns the sum of their shares. In
 * u = ln(w + y), where w is the smaller of alpha and beta, the integrand is smooth on its own scale, so panels of 12
 * nodes are exact to rounding for all parameters. This avoids the two hypergeometric functions of the published form,
 * whose difference cancels for loyal customers, and gives the derivatives at the same nodes.
 */
export function integrate(
  integrand: Integrand,
  { from, to, logReference }: { from: number; to: number; logReference: number },
  visit?: Visit,
): number {
  const { n, rate, alpha, leaving, beta } = integrand;
  const origin = Math.min(alpha, beta);
  const other = Math.max(alpha, beta);
  const logFrom = Math.log(origin + from);
  const end = Math.log1p((to - from) / (origin + from));
  let sum = 0;
  for (let u = 0; u < end; ) {
    const width = Math.min(end - u, panelWidth(integrand, (origin + from) * Math.exp(u), origin));
    let panel = 0;
    for (const { node, weight } of gaussLegendre) {
      const ahead = u + (width * (node + 1)) / 2;
      const y = from + (origin + from) * Math.expm1(ahead);
      // ln(w + y) is already known: logarithms dominate the cost of this loop.
      const logOrigin = logFrom + ahead;
      const logOther = Math.log(other + y);
      const logAlpha = alpha === origin ? logOrigin : logOther;
      const logBeta = alpha === origin ? logOther : logOrigin;
      const power = n === 0 ? 0 : n * Math.log(y);
      const logValue = power - rate * logAlpha - leaving * logBeta + logOrigin - logReference;
      const share = Math.exp(logValue) * weight * (width / 2);
      panel += share;
      visit?.(y, logAlpha, logBeta, share);
    }
    sum += panel;
    // After its peak the integrand only decreases.
    if (panel < negligible * sum) break;
    u += width;
  }
  return sum;
}

/** As wide as the steepest slope within the panel allows. */
function panelWidth(integrand: Integrand, shifted: number, origin: number): number {
  const first = Math.min(maxWidth, maxChange / steepness(integrand, shifted, origin));
  return Math.min(first, maxChange / steepness(integrand, shifted * Math.exp(first), origin));
}

/** The bound on the slope of the logarithm per unit of u at w + y = `shifted`; it increases with u. */
function steepness({ n, rate, alpha, leaving, beta }: Integrand, shifted: number, origin: number) {
  const byRate = (rate * shifted) / (shifted + alpha - origin);
  const byLeaving = (leaving * shifted) / (shifted + beta - origin);
  return 1 + n + byRate + byLeaving;
}

/** ln of the integral from tx to T of the likelihood of drop-out at y, without its constant factors. */
export function logLeftBetween(
  { r, alpha, s, beta }: ParetoParameters,
  x: number,
  { from, to }: { from: number; to: number },
): number {
  const integrand = { n: 0, rate: r + x, alpha, leaving: s + 1, beta };
  const logReference = logIntegrand(integrand, from) + Math.log(Math.min(alpha, beta) + from);
  return logReference + Math.log(integrate(integrand, { from, to, logReference }));
}

/** The same with its derivatives: means, under the integrand, of the logarithms and of the inverses. */
export function leftMoments(
  { r, alpha, s, beta }: ParetoParameters,
  x: number,
  { from, to }: { from: number; to: number },
) {
  const integrand = { n: 0, rate: r + x, alpha, leaving: s + 1, beta };
  const logReference = logIntegrand(integrand, from) + Math.log(Math.min(alpha, beta) + from);
  const sums = { logAlpha: 0, logBeta: 0, inverseAlpha: 0, inverseBeta: 0 };
  const total = integrate(integrand, { from, to, logReference }, (y, logAlpha, logBeta, share) => {
    sums.logAlpha += share * logAlpha;
    sums.logBeta += share * logBeta;
    sums.inverseAlpha += share / (alpha + y);
    sums.inverseBeta += share / (beta + y);
  });
  const mean = (sum: number) => (total > 0 ? sum / total : 0);
  return {
    logIntegral: logReference + Math.log(total),
    logAlpha: mean(sums.logAlpha),
    logBeta: mean(sums.logBeta),
    inverseAlpha: mean(sums.inverseAlpha),
    inverseBeta: mean(sums.inverseBeta),
  };
}
