-- What an event counts as may change with later reports of the same record: see docs/decisions/0041.
alter table event
  -- False for a report that repeats another one, or that counts nothing yet.
  add column counts boolean not null default true,
  -- The properties after corrections by other reports; null if there are none.
  add column corrected jsonb;

-- One row for each report of a record with a business key.
create table record_report (
  workspace_id uuid not null,
  kind text not null,
  key text not null,
  -- The order in which reports arrived.
  arrival bigint not null,
  event_id uuid not null,
  customer_id uuid not null,
  at timestamptz not null,
  received_at timestamptz not null,
  primary key (workspace_id, kind, key, arrival),
  foreign key (workspace_id, event_id) references event (workspace_id, id) on delete cascade
);
create index record_report_customer on record_report (workspace_id, customer_id);

-- The orders as their reports describe them at present.
create table customer_order (
  workspace_id uuid not null,
  id text not null,
  customer_id uuid not null,
  -- Its first report by event time.
  event_id uuid not null,
  status text not null check (status in ('PENDING', 'PLACED', 'CANCELLED')),
  placed_at timestamptz not null,
  cancelled_at timestamptz,
  currency text not null,
  amount bigint not null,
  total bigint,
  revenue bigint,
  tax bigint,
  shipping bigint,
  discount bigint,
  is_test boolean not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index customer_order_customer on customer_order (workspace_id, customer_id, placed_at desc, id desc);

do $$
declare walled text;
begin
  foreach walled in array array['record_report', 'customer_order'] loop
    execute format('alter table %I enable row level security', walled);
    execute format('alter table %I force row level security', walled);
    execute format(
      'create policy workspace on %I
         using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
         with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))',
      walled);
  end loop;
end $$;
