-- The orders in the workspace's currency: only they have a value that can be averaged or forecast. See docs/decisions/0047.
alter table customer
  add column own_orders integer not null default 0,
  add column first_own_order_at timestamptz,
  add column last_own_order_at timestamptz,
  add column own_order_days integer not null default 0;

alter table workspace no force row level security;
alter table event no force row level security;
alter table customer no force row level security;
with bought as (
  select e.workspace_id, coalesce(m.merged_into, m.id) as id,
    (e.occurred_at at time zone w.time_zone)::date as day, sum(e.amount) as value,
    count(*) as orders, min(e.occurred_at) as first, max(e.occurred_at) as last
  from event e
  join workspace w on w.id = e.workspace_id and w.currency = e.currency
  join customer m on m.workspace_id = e.workspace_id and m.id = e.customer_id
  where e.effect = 'order'
  group by 1, 2, 3
)
update customer c set own_orders = own.orders, first_own_order_at = own.first,
  last_own_order_at = own.last, own_order_days = own.days,
  first_day_value = least(own.first_value, 999999999999999999)
from (
  select workspace_id, id, sum(orders)::integer as orders, min(first) as first, max(last) as last,
    count(*)::integer as days, (array_agg(value order by day))[1] as first_value
  from bought group by workspace_id, id
) as own
where c.workspace_id = own.workspace_id and c.id = own.id;

-- Averages and sums in rules may now say otherwise for customers with amounts in other currencies or in texts.
update customer c set due_at = least(c.due_at, greatest(c.evaluated_at, now())), due_cause = 'DEFINITION'
from (
  select distinct e.workspace_id, coalesce(m.merged_into, m.id) as id
  from event e
  join workspace w on w.id = e.workspace_id
  join customer m on m.workspace_id = e.workspace_id and m.id = e.customer_id
  where e.effect in ('order', 'refund')
    and (e.currency <> w.currency or 'string' in (jsonb_typeof(e.properties -> 'total'),
      jsonb_typeof(e.properties -> 'revenue'), jsonb_typeof(e.properties -> 'tax'),
      jsonb_typeof(e.properties -> 'shipping'), jsonb_typeof(e.properties -> 'discount')))
) as affected
where c.workspace_id = affected.workspace_id and c.id = affected.id;
update workspace_directory d set due_at = least(d.due_at, due.first)
from (
  select workspace_id, min(due_at) as first from customer where due_cause = 'DEFINITION' group by 1
) as due
where d.id = due.workspace_id;
alter table workspace force row level security;
alter table event force row level security;
alter table customer force row level security;

/*
 * A number, also one that was sent as text: a plain decimal, as the amounts of orders are read. Null for everything
 * else, so that no property can make a query fail.
 */
create function decimal_of(value jsonb) returns numeric
language sql immutable parallel safe as $$
  select case jsonb_typeof(value)
    when 'number' then value::numeric
    when 'string' then case when value #>> '{}' ~ '^-?[0-9]{1,16}(\.[0-9]{1,20})?$'
      then (value #>> '{}')::numeric end
  end
$$;

-- How many units of the workspace's currency a unit of another one is worth from a day on, and since when that is known.
create table exchange_rate (
  workspace_id uuid not null references workspace (id) on delete cascade,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  effective_on date not null,
  known_at timestamptz not null,
  rate numeric not null check (rate > 0),
  primary key (workspace_id, currency, effective_on, known_at)
);
alter table exchange_rate enable row level security;
alter table exchange_rate force row level security;
create policy workspace on exchange_rate
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
