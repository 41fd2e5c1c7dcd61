import './event-effect.ts';
import './leads-and-subscriptions.ts';
import './order.ts';
import './orders.ts';
