const count = 12;

/** Legendre's polynomial of degree 12 and its derivative, by recurrence. */
function legendre(x: number): { value: number; slope: number } {
  let before = 1;
  let value = x;
  for (let degree = 2; degree <= count; degree += 1) {
    const next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
    before = value;
    value = next;
  }
  return { value, slope: (count * (x * value - before)) / (x * x - 1) };
}

function findNode(index: number): { node: number; weight: number } {
  let node = Math.cos((Math.PI * (index + 0.75)) / (count + 0.5));
  for (let round = 0; round < 8; round += 1) {
    const { value, slope } = legendre(node);
    node -= value / slope;
  }
  const { slope } = legendre(node);
  return { node, weight: 2 / ((1 - node * node) * slope * slope) };
}

/** The 12 nodes of Gauss-Legendre quadrature on [-1, 1] and their weights, which add up to 2. */
export const gaussLegendre = Array.from({ length: count }, (_, index) => findNode(index));
