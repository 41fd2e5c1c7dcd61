import './leads-and-subscriptions.ts';
import './orders.ts';
import './event-effect.ts';
