-- A cancelled order counts until its cancellation: see docs/decisions/0050.
alter table event
  -- What the event counted as before it was taken back, and until when.
  add column counted_effect text,
  add column counted_until timestamptz;
create index event_counted_until on event (workspace_id, counted_until) where counted_until is not null;

alter table record_report
  -- The id of the part of the record that is reported, such as a refund of an order.
  add column part text,
  add column trust text not null default 'SERVER' check (trust in ('SERVER', 'BROWSER')),
  -- The report itself, if no event has it.
  add column data jsonb,
  alter column event_id drop not null,
  alter column customer_id drop not null,
  add constraint record_report_data check (event_id is not null or data is not null);
-- Subscriptions and leads with an id, as their reports describe them at present.
create table subscription (
  workspace_id uuid not null,
  id text not null,
  customer_id uuid not null,
  status text not null check (status in ('ACTIVE', 'CANCELLED')),
  plan text,
  started_at timestamptz,
  renewed_at timestamptz,
  renewals integer not null,
  cancelled_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index subscription_customer on subscription (workspace_id, customer_id);

create table lead (
  workspace_id uuid not null,
  id text not null,
  customer_id uuid not null,
  captured_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index lead_customer on lead (workspace_id, customer_id);

-- For the list of all orders.
create index customer_order_placed on customer_order (workspace_id, placed_at desc, id desc);

-- The articles of an order, and what was given back of it.
create table order_line (
  workspace_id uuid not null,
  order_id text not null,
  -- From 0, as in the property `products`.
  position integer not null,
  product_id text,
  sku text,
  name text,
  category text,
  price bigint,
  quantity integer not null,
  primary key (workspace_id, order_id, position),
  foreign key (workspace_id, order_id) references customer_order (workspace_id, id) on delete cascade
);

create table order_refund (
  workspace_id uuid not null,
  order_id text not null,
  -- Its `refund_id` or, without one, the id of its event.
  id text not null,
  event_id uuid not null,
  at timestamptz not null,
  amount bigint not null,
  primary key (workspace_id, order_id, id),
  foreign key (workspace_id, order_id) references customer_order (workspace_id, id) on delete cascade
);

do $$
declare walled text;
begin
  foreach walled in array array['subscription', 'lead', 'order_line', 'order_refund'] loop
    execute format('alter table %I enable row level security', walled);
    execute format('alter table %I force row level security', walled);
    execute format(
      'create policy workspace on %I
         using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
         with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))',
      walled);
  end loop;
end $$;

-- What was stored before is interpreted in the background.
do $$
declare walled text;
begin
  foreach walled in array array['workspace', 'customer', 'job'] loop
    execute format('alter table %I no force row level security', walled);
  end loop;
  insert into job (workspace_id, id, kind, key, state, data, total, run_at, started_at)
    select w.id, gen_random_uuid(), 'RECORDS', '', 'RUNNING', '{}', sum(c.events), now(), now()
    from workspace w join customer c on c.workspace_id = w.id and c.merged_into is null
    group by w.id having sum(c.events) > 0;
  update workspace_directory set jobs_at = least(jobs_at, now());
  foreach walled in array array['workspace', 'customer', 'job'] loop
    execute format('alter table %I force row level security', walled);
  end loop;
end $$;
