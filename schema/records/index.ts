import './event-effect.ts';
import './leads-and-subscriptions.ts';
import './order-sorts.ts';
import './orders.ts';
import './event-effect.ts';
