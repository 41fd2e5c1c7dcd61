import { asSuperuser } from './support/own-database.ts';
import { type BenchServer, createBenchWorkspace } from './support/server.ts';

/** The measured events are of this many customers, regardless of the total. */
export const activeCustomers = 5_000;

/**
 * A workspace with `count` customers, inserted into the database as ingestion would store them: each has a name, traits
 * and an order, every second one has viewed a product, all within the last 200 days.
 */
export async function makeCustomers(server: BenchServer, count: number) {
  const workspace = await createBenchWorkspace(server, `${count} customers`);
  const id = `'${workspace.id}'::uuid`;
  await asSuperuser(server.databaseUrl, [
    `insert into customer (workspace_id, id, user_id, name, traits, first_seen_at, last_seen_at, evaluated_at,
       events, active_days, orders, first_order_at, last_order_at, gross_revenue, event_names)
     select ${id}, gen_random_uuid(), 'user-' || n, 'Customer ' || n,
       jsonb_build_object('plan', (array['free', 'pro', 'team'])[1 + n % 3], 'country', 'DE'),
       at, at, at, 1 + (n % 2), 1, 1, at, at, 1000 + n % 9000,
       case when n % 2 = 0 then array['Order Completed', 'Product Viewed'] else array['Order Completed'] end
     from (select n, now() - (n % 200) * interval '1 day' - interval '1 hour' as at
       from generate_series(1, ${count}) as n) as made`,
    `insert into identity (workspace_id, kind, value, customer_id, since)
     select workspace_id, 'user_id', user_id, id, first_seen_at from customer where workspace_id = ${id}`,
    `insert into event (workspace_id, id, customer_id, message_id, kind, name, effect, occurred_at, received_at,
       amount, currency, properties)
     select workspace_id, gen_random_uuid(), id, 'order-' || user_id, 'track', 'Order Completed', 'order',
       last_order_at, now(), gross_revenue, 'USD', '{"total": 10}'
     from customer where workspace_id = ${id}`,
    `insert into event (workspace_id, id, customer_id, message_id, kind, name, occurred_at, received_at, properties)
     select workspace_id, gen_random_uuid(), id, 'view-' || user_id, 'track', 'Product Viewed', last_seen_at,
       now(), '{"product": "lamp"}'
     from customer where workspace_id = ${id} and event_names @> array['Product Viewed']`,
    'analyze customer, identity, event',
  ]);
  return workspace;
}
