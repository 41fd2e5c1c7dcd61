-- Every table of a workspace leads its keys with workspace_id and is walled off by a policy that is
-- forced on the owner too. The setting reads '' (not null) after a commit, hence the nullif.
-- A table that refers to another one of its workspace does not refer to the workspace as well: the check
-- of one more reference for every event stored was a tenth of ingestion.

create table workspace (
  id uuid primary key,
  name text not null,
  time_zone text not null default 'UTC',
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now()
);

-- Ids alone, outside the wall: how the server finds the workspaces whose rows it may then enter one by one.
create table workspace_directory (
  id uuid primary key references workspace (id) on delete cascade,
  purpose text not null check (purpose in ('main', 'demo')),
  ordinal bigint generated always as identity unique
);

create table api_key (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id text not null unique,
  name text not null,
  secret_hash bytea not null,
  last_four text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (workspace_id, id)
);

create table change_counter (
  workspace_id uuid primary key references workspace (id) on delete cascade,
  position bigint not null default 0,
  epoch text not null
);

create table customer (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  merged_into uuid,
  user_id text,
  email text,
  name text,
  traits jsonb not null default '{}',
  traits_at jsonb not null default '{}',
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  evaluated_at timestamptz not null,
  events integer not null default 0,
  active_days integer not null default 0,
  sessions integer not null default 0,
  lead_at timestamptz,
  signed_up_at timestamptz,
  orders integer not null default 0,
  first_order_at timestamptz,
  last_order_at timestamptz,
  gross_revenue bigint not null default 0,
  refunded bigint not null default 0,
  subscription_started_at timestamptz,
  subscription_renewals integer not null default 0,
  subscription_renewed_at timestamptz,
  subscription_cancelled_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, merged_into) references customer (workspace_id, id)
) with (fillfactor = 85);
-- The order in which customers are listed unless another one is asked for.
create index customer_listed on customer (workspace_id, first_seen_at desc, id desc)
  where merged_into is null;
create index customer_merged_into on customer (workspace_id, merged_into) where merged_into is not null;

create table identity (
  workspace_id uuid not null,
  kind text not null,
  value text not null,
  customer_id uuid not null,
  primary key (workspace_id, kind, value),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index identity_customer on identity (workspace_id, customer_id);

create table event (
  workspace_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  message_id text not null,
  kind text not null,
  name text not null,
  effect text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  amount bigint,
  currency text,
  properties jsonb not null default '{}',
  context jsonb,
  primary key (workspace_id, id),
  unique (workspace_id, message_id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index event_customer on event (workspace_id, customer_id, occurred_at desc, id desc);

-- Orders and refunds in other currencies than the workspace's own; the ordinary ones are on the customer.
create table customer_foreign_revenue (
  workspace_id uuid not null,
  customer_id uuid not null,
  currency text not null,
  gross_revenue bigint not null,
  refunded bigint not null,
  primary key (workspace_id, customer_id, currency),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);

create table customer_merge (
  workspace_id uuid not null,
  id uuid not null,
  from_customer_id uuid not null,
  into_customer_id uuid not null,
  at timestamptz not null,
  event_id uuid,
  undone_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, from_customer_id) references customer (workspace_id, id) on delete cascade,
  foreign key (workspace_id, into_customer_id) references customer (workspace_id, id) on delete cascade
);
create index customer_merge_from on customer_merge (workspace_id, from_customer_id);
create index customer_merge_into on customer_merge (workspace_id, into_customer_id);
create index customer_merge_undone on customer_merge (workspace_id) where undone_at is not null;

create table lifecycle (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null,
  is_default boolean not null default false,
  version integer not null default 1,
  primary key (workspace_id, id),
  unique (workspace_id, key)
);
create unique index lifecycle_default on lifecycle (workspace_id) where is_default;

create table stage (
  workspace_id uuid not null,
  lifecycle_id uuid not null,
  key text not null,
  name text not null,
  description text not null,
  phase text not null,
  ordinal integer not null,
  rule jsonb not null,
  primary key (workspace_id, lifecycle_id, key),
  unique (workspace_id, lifecycle_id, ordinal),
  foreign key (workspace_id, lifecycle_id) references lifecycle (workspace_id, id) on delete cascade
);

create table customer_stage (
  workspace_id uuid not null,
  customer_id uuid not null,
  lifecycle_id uuid not null,
  stage_key text not null,
  since timestamptz not null,
  primary key (workspace_id, customer_id, lifecycle_id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade,
  foreign key (workspace_id, lifecycle_id, stage_key) references stage (workspace_id, lifecycle_id, key)
);
create index customer_stage_members on customer_stage (workspace_id, lifecycle_id, stage_key, customer_id);

create table change (
  workspace_id uuid not null,
  position bigint not null,
  kind text not null,
  customer_id uuid not null,
  at timestamptz not null,
  recorded_at timestamptz not null,
  data jsonb not null,
  primary key (workspace_id, position)
);
create index change_customer on change (workspace_id, customer_id, at desc, position desc);

-- The stage changes of the log with their data in columns; read with the rights of whoever asks.
create view transition with (security_invoker = true) as
select workspace_id, position, customer_id, at, recorded_at,
  (data ->> 'lifecycle')::uuid as lifecycle_id,
  data ->> 'from' as from_stage,
  data ->> 'to' as to_stage,
  data ->> 'cause' as cause,
  data -> 'rule' as rule,
  (data ->> 'version')::integer as lifecycle_version,
  (data ->> 'event')::uuid as event_id,
  (data ->> 'late')::boolean as late
from change
where kind = 'STAGE_CHANGED';

do $$
declare walled text;
begin
  foreach walled in array array[
    'api_key', 'change_counter', 'customer', 'identity', 'event', 'customer_foreign_revenue',
    'customer_merge', 'lifecycle', 'stage', 'customer_stage', 'change'
  ] loop
    execute format('alter table %I enable row level security', walled);
    execute format('alter table %I force row level security', walled);
    execute format(
      'create policy workspace on %I
         using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
         with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))',
      walled);
  end loop;
end $$;

alter table workspace enable row level security;
alter table workspace force row level security;
create policy workspace on workspace
  using (id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));

-- A key arrives before its workspace is known: a reader sees the one row whose id it can name, nothing else.
create policy presented_key on api_key for select
  using (id = (select nullif(current_setting('app.api_key_id', true), '')));
