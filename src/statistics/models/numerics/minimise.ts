/** Returns the value at a point and writes the gradient into `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** The result of a minimisation. The point is a minimum only if `converged`. */
export interface Minimum {
  point: Float64Array;
  value: number;
  /** The largest absolute component of the gradient at the point. */
  gradientNorm: number;
  iterations: number;
  evaluations: number;
  converged: boolean;
}

interface Options {
  /** Converged means that no component of the gradient is larger than this. */
  tolerance?: number;
  maxIterations?: number;
}

interface Iterate {
  point: Float64Array;
  value: number;
  gradient: Float64Array;
}

/**
 * Minimises a smooth function by BFGS with a line search for the weak Wolfe conditions (Nocedal & Wright 2006, algorithm
 * 6.1; bisection after Lewis & Overton 2013). NaN counts as too high, so the search backs off from where the function is
 * undefined. Never throws if it does not converge.
 */
export function minimise(
  objective: Objective,
  start: ArrayLike<number>,
  { tolerance = 1e-10, maxIterations = 300 }: Options = {},
): Minimum {
  let evaluations = 0;
  const measure = (point: Float64Array): Iterate => {
    evaluations += 1;
    const gradient = new Float64Array(point.length);
    return { point, value: objective(point, gradient), gradient };
  };
  let here = measure(Float64Array.from(start));
  let inverse: Float64Array | undefined;
  let iterations = 0;
  while (iterations < maxIterations && !(largest(here.gradient) <= tolerance)) {
    const direction = descend(inverse, here.gradient);
    const next = searchLine(measure, here, direction);
    // The approximated curvature may be wrong: try steepest descent once before giving up.
    if (!next && !inverse) break;
    inverse = next ? update(inverse, here, next) : undefined;
    here = next ?? here;
    iterations += 1;
  }
  const gradientNorm = largest(here.gradient);
  const { point, value } = here;
  const converged = Number.isFinite(value) && gradientNorm <= tolerance;
  return { point, value, gradientNorm, iterations, evaluations, converged };
}

const at = (values: Float64Array, index: number) => values[index] ?? Number.NaN;

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (!(size <= most)) most = size;
  }
  return most;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += at(left, i) * at(right, i);
  return sum;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, row) => dot(matrix.subarray(row * size, (row + 1) * size), vector));
}

/** The quasi-Newton direction; at first, steepest descent by at most one unit. */
function descend(inverse: Float64Array | undefined, gradient: Float64Array): Float64Array {
  if (inverse) return times(inverse, gradient).map((component) => -component);
  const length = Math.max(1, largest(gradient));
  return gradient.map((component) => -component / length);
}

function searchLine(
  measure: (point: Float64Array) => Iterate,
  from: Iterate,
  direction: Float64Array,
) {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  // Near the minimum, differences of values are rounding errors; only the slopes are reliable.
  const noise = 1e-12 * Math.abs(from.value);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = 1;
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const reached = measure(from.point.map((value, i) => value + step * at(direction, i)));
    if (!(reached.value <= from.value + 1e-4 * step * slope + noise)) high = step;
    else if (!(dot(reached.gradient, direction) >= 0.9 * slope)) low = step;
    else return reached;
    step = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low;
  }
  return undefined;
}

/** The BFGS update of the inverse Hessian; before the first, the identity scaled by the observed curvature. */
function update(known: Float64Array | undefined, from: Iterate, to: Iterate): Float64Array {
  const size = from.point.length;
  const moved = to.point.map((value, i) => value - at(from.point, i));
  const turned = to.gradient.map((value, i) => value - at(from.gradient, i));
  const curvature = dot(moved, turned);
  const inverse = known ?? identity(size, curvature / dot(turned, turned));
  if (!(curvature > 0)) return inverse;
  const mapped = times(inverse, turned);
  const scale = (1 + dot(turned, mapped) / curvature) / curvature;
  return inverse.map((value, index) => {
    const row = Math.floor(index / size);
    const column = index % size;
    const cross = at(moved, row) * at(mapped, column) + at(mapped, row) * at(moved, column);
    return value + scale * at(moved, row) * at(moved, column) - cross / curvature;
  });
}

function identity(size: number, scale: number): Float64Array {
  const usable = Number.isFinite(scale) && scale > 0 ? scale : 1;
  return new Float64Array(size * size).map((_, i) => (i % (size + 1) === 0 ? usable : 0));
}
