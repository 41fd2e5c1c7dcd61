import './event-effect.ts';
import './leads-and-subscriptions.ts';
import './orders.ts';
