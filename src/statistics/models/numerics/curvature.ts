import type { Objective } from './minimise.ts';

/**
 * The inverse of the Hessian at a point, by central differences of the gradient, as a row-major array; undefined if the
 * function does not curve upwards in every direction.
 */
export function inverseCurvature(objective: Objective, point: Float64Array, step = 1e-4) {
  const size = point.length;
  const hessian = new Float64Array(size * size);
  for (let column = 0; column < size; column += 1) {
    const ahead = gradientAt(objective, point, column, step);
    const behind = gradientAt(objective, point, column, -step);
    for (let row = 0; row < size; row += 1) {
      const slope = (get(ahead, row) - get(behind, row)) / (2 * step);
      // Averages both triangles, because numerical differences are not exactly symmetric.
      hessian[row * size + column] = get(hessian, row * size + column) + slope / 2;
      hessian[column * size + row] = get(hessian, column * size + row) + slope / 2;
    }
  }
  return invertPositive(hessian, size);
}

const get = (values: Float64Array, index: number) => values[index] ?? Number.NaN;

function gradientAt(objective: Objective, point: Float64Array, index: number, step: number) {
  const gradient = new Float64Array(point.length);
  const moved = Float64Array.from(point);
  moved[index] = get(moved, index) + step;
  objective(moved, gradient);
  return gradient;
}

/** By Cholesky's decomposition; undefined for a matrix that is not positive definite. */
export function invertPositive(matrix: Float64Array, size: number): Float64Array | undefined {
  const root = decompose(matrix, size);
  if (!root) return undefined;
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column += 1) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    const solution = solve(root, unit);
    for (let row = 0; row < size; row += 1) inverse[row * size + column] = get(solution, row);
  }
  return inverse;
}

function decompose(matrix: Float64Array, size: number): Float64Array | undefined {
  const root = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = get(matrix, row * size + column);
      for (let k = 0; k < column; k += 1) {
        rest -= get(root, row * size + k) * get(root, column * size + k);
      }
      if (row === column && !(rest > 0)) return undefined;
      root[row * size + column] =
        row === column ? Math.sqrt(rest) : rest / get(root, column * size + column);
    }
  }
  return root;
}

function solve(root: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    for (let k = 0; k < row; k += 1) {
      solution[row] = get(solution, row) - get(root, row * size + k) * get(solution, k);
    }
    solution[row] = get(solution, row) / get(root, row * size + row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < size; k += 1) {
      solution[row] = get(solution, row) - get(root, k * size + row) * get(solution, k);
    }
    solution[row] = get(solution, row) / get(root, row * size + row);
  }
  return solution;
}
