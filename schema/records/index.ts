import './leads-and-subscriptions.ts';
import './orders.ts';
