import { expect, it } from 'vitest';
import { effectOf } from '../../../src/engine/customers/effects.ts';

it.each([
  ['track', 'Order Completed', 'order'],
  ['track', ' ORDER completed ', 'order'],
  ['track', 'Order Refunded', 'refund'],
  ['track', 'Lead Captured', 'lead'],
  ['track', 'Signed Up', 'sign_up'],
  ['track', 'Subscription Started', 'subscription_started'],
  ['track', 'Subscription Renewed', 'subscription_renewed'],
  ['track', 'Subscription Cancelled', 'subscription_cancelled'],
  ['track', 'Subscription Canceled', 'subscription_cancelled'],
  ['page', 'Order Completed', 'view'],
  ['screen', 'Home', 'view'],
  ['track', 'Order  Completed', null],
  ['track', 'Something Else', null],
  ['track', 'constructor', null],
  ['track', '__proto__', null],
  ['identify', 'identify', null],
  ['group', 'Order Completed', null],
  ['alias', 'alias', null],
])('a %s call named %j has the effect %s', (kind, name, effect) => {
  expect(effectOf(kind, name)).toBe(effect);
});
