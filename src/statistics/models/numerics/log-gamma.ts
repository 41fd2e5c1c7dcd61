const halfLogTwoPi = 0.9189385332046728;
// From here on, Stirling's series has the full precision of a double.
const asymptoticFrom = 10;

/**
 * ln Γ(x) for x > 0, by Stirling's series above 10 and the recurrence Γ(x + 1) = x Γ(x) below it (Abramowitz & Stegun
 * 1964, 6.1.40). The error is below 1e-14 times the larger of 1 and the result.
 */
export function logGamma(x: number): number {
  let product = 1;
  let y = x;
  while (y < asymptoticFrom) {
    product *= y;
    y += 1;
  }
  const inverse = 1 / y;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square *
            (1 / 1260 -
              square *
                (1 / 1680 - square * (1 / 1188 - square * (691 / 360360 - square * (1 / 156)))))));
  return (y - 0.5) * Math.log(y) - y + halfLogTwoPi + series - Math.log(product);
}
