import './converted-revenue.ts';
import './event-effect.ts';
import './exchange-rates.ts';
import './leads-and-subscriptions.ts';
import './order.ts';
import './order-lists.ts';
import './order-parts.ts';
import './orders.ts';
