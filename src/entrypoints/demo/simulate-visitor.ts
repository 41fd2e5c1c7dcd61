import {
  type Buyer,
  drawBuyer,
  drawOrderValue,
  expectedRepeats,
  repeatPurchases,
} from './buyer.ts';
import { createOrder, type OrderProperties } from './order.ts';
import { drawExponential, pick, type Random } from './random-variates.ts';
import type { TrackingCall } from './tracking-call.ts';

/** The next call of a visitor, and its delay in seconds. */
export interface VisitStep {
  after: number;
  call: TrackingCall;
}

interface Visitor {
  /** Unique over all runs of the demo; part of ids and e-mail. */
  id: string;
  /** False for a visitor who only browses. */
  buys: boolean;
  secondsPerWeek: number;
  currency: string;
}

/** How long customers are simulated, in weeks: the period of the CDNOW data. */
const simulatedWeeks = 78;
/** Share of the visitors without a purchase who sign up. */
const signUpShare = 0.3;
const refundShare = 0.02;
const secondsPerPage = 1.5;
const firstPages = 3;
const laterPages = 2;

/** The average number of calls of a visitor within some weeks, which determines the rate of arrivals. */
export const expectedCalls = (buyingShare: number, weeks: number): number =>
  firstPages +
  2 * (buyingShare + (1 - buyingShare) * signUpShare) +
  buyingShare * (1 + refundShare + expectedRepeats(weeks) * (laterPages + 1 + refundShare));

const firstNames = [
  'Ada',
  'Ben',
  'Chiara',
  'Deniz',
  'Emil',
  'Fatou',
  'Gita',
  'Hugo',
  'Ines',
] as const;
const lastNames = ['Arnaud', 'Berg', 'Costa', 'Demir', 'Eriksen', 'Fontaine', 'Gruber'] as const;
const pages = [
  { name: 'Home', path: '/' },
  { name: 'New Releases', path: '/new' },
  { name: 'Album', path: '/albums' },
  { name: 'Artist', path: '/artists' },
  { name: 'Search', path: '/search' },
] as const;
const countries = ['DE', 'FR', 'IT', 'PT', 'SE', 'US'] as const;
const referrers = ['https://search.example/', 'https://social.example/', ''] as const;

/** Generates the calls of one visitor from the first page view to the last purchase. */
export function* simulateVisitor(random: Random, visitor: Visitor): Generator<VisitStep, void> {
  const anonymous = { anonymousId: `visitor-${visitor.id}` };
  yield* browse(random, anonymous, pauses(random, firstPages));
  if (!visitor.buys && random() >= signUpShare) return;
  const known = { ...anonymous, userId: `customer-${visitor.id}` };
  yield* signUp(random, visitor, known);
  if (visitor.buys) yield* buy(random, visitor, known);
}

function* buy(random: Random, visitor: Visitor, who: Identity): Generator<VisitStep, void> {
  const buyer = drawBuyer(random);
  let orders = 0;
  const order = () => drawOrder(random, visitor, { buyer, number: ++orders });
  yield* checkOut(random, who, { after: secondsPerPage, order: order() });
  let before = 0;
  for (const age of repeatPurchases(random, buyer, simulatedWeeks)) {
    // The time for browsing is part of the wait, so that purchases have the intervals of the model.
    const wait = (age - before) * visitor.secondsPerWeek;
    const [first = 0, ...rest] = pauses(random, laterPages + 1);
    const browsing = rest.reduce((sum, pause) => sum + pause, first);
    yield* browse(random, who, [Math.max(0, wait - browsing), ...rest.slice(1)]);
    yield* checkOut(random, who, { after: rest[0] ?? 0, order: order() });
    before = age;
  }
}

interface Identity {
  anonymousId: string;
  userId?: string;
}

function* browse(random: Random, who: Identity, waits: number[]): Generator<VisitStep, void> {
  for (const after of waits) {
    const { name, path } = pick(random, pages);
    const url = `https://shop.example${path}`;
    const properties = { path, url, title: name, referrer: pick(random, referrers) };
    yield { after, call: { type: 'page', ...who, name, properties } };
  }
}

function* signUp(random: Random, { id }: Visitor, who: Identity): Generator<VisitStep, void> {
  const first = pick(random, firstNames);
  const last = pick(random, lastNames);
  const email = `${first}.${last}.${id}@example.com`.toLowerCase();
  const traits = { name: `${first} ${last}`, email, country: pick(random, countries) };
  yield { after: secondsPerPage, call: { type: 'identify', ...who, traits } };
  const properties = { method: 'email' };
  yield { after: 0, call: { type: 'track', ...who, event: 'Signed Up', properties } };
}

function* checkOut(
  random: Random,
  who: Identity,
  { after, order }: { after: number; order: OrderProperties },
): Generator<VisitStep, void> {
  yield {
    after,
    call: { type: 'track', ...who, event: 'Order Completed', properties: { ...order } },
  };
  if (random() >= refundShare) return;
  const { order_id, total, currency } = order;
  const properties = { order_id, total, currency };
  const call: TrackingCall = { type: 'track', ...who, event: 'Order Refunded', properties };
  yield { after: 2 * secondsPerPage, call };
}

function drawOrder(
  random: Random,
  { id, currency }: Visitor,
  { buyer, number }: { buyer: Buyer; number: number },
) {
  const value = drawOrderValue(random, buyer);
  return createOrder(random, { id: `order-${id}-${number}`, value, currency });
}

const pauses = (random: Random, count: number) =>
  Array.from({ length: count }, () => drawExponential(random, 1 / secondsPerPage));
