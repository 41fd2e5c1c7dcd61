const asymptoticFrom = 10;

/**
 * ψ(x) = d ln Γ(x) / dx for x > 0, by its asymptotic series above 10 and ψ(x + 1) = ψ(x) + 1/x below it
 * (Abramowitz & Stegun 1964, 6.3.18).
 */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < asymptoticFrom) {
    shift += 1 / y;
    y += 1;
  }
  const square = 1 / (y * y);
  const series =
    square *
    (1 / 12 -
      square *
        (1 / 120 -
          square *
            (1 / 252 -
              square *
                (1 / 240 - square * (1 / 132 - square * (691 / 32760 - square * (1 / 12)))))));
  return Math.log(y) - 0.5 / y - series - shift;
}
