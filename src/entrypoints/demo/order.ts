import { pick, type Random } from './random-variates.ts';

interface Product {
  product_id: string;
  name: string;
  category: string;
  price: number;
  quantity: number;
}

/** Properties of `Order Completed`. */
export interface OrderProperties {
  order_id: string;
  total: number;
  currency: string;
  products: Product[];
}

const artists = [
  'The Quiet Harbour',
  'Nine Lanterns',
  'Mara Vell',
  'Paper Kites Club',
  'Low Tide Orchestra',
  'Ilo & the Sparrows',
] as const;

// The model draws the value of an order; products are chosen to match it.
const kinds = [
  { below: 800, kind: 'Single', category: 'Singles' },
  { below: 2000, kind: 'Album', category: 'Albums' },
  { below: 4000, kind: 'Double album', category: 'Albums' },
  { below: 9000, kind: 'Box set', category: 'Collections' },
  { below: Number.POSITIVE_INFINITY, kind: 'Signed edition', category: 'Collections' },
];

/** Creates an order of `value` minor units. The prices of the products add up to the total exactly. */
export function createOrder(
  random: Random,
  { id, value, currency }: { id: string; value: number; currency: string },
): OrderProperties {
  const count = Math.min(1 + Math.floor(value / 2500), 1 + Math.floor(random() * 3));
  const share = Math.floor(value / count);
  const products = Array.from({ length: count }, (_, index) =>
    createProduct(random, index === 0 ? value - share * (count - 1) : share),
  );
  return { order_id: id, total: value / 100, currency, products };
}

function createProduct(random: Random, price: number): Product {
  const artist = pick(random, artists);
  const { kind, category } = kinds.find(({ below }) => price < below) ?? { kind: '', category: '' };
  const id = `${artist} ${kind}`.toLowerCase().replace(/[^a-z]+/g, '-');
  return {
    product_id: id,
    name: `${artist}: ${kind}`,
    category,
    price: price / 100,
    quantity: 1,
  };
}
