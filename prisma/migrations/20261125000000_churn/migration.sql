-- What the models of purchases ask of a customer: on how many days it ordered, and what the first of them
-- brought. The repeat days' value is gross_revenue less the first day's.
alter table customer add column order_days integer not null default 0;
alter table customer add column first_day_value bigint not null default 0;

alter table workspace no force row level security;
alter table event no force row level security;
alter table customer no force row level security;
with bought as (
  select e.workspace_id, coalesce(m.merged_into, m.id) as id,
    (e.occurred_at at time zone w.time_zone)::date as day,
    coalesce(sum(e.amount) filter (where e.currency = w.currency), 0) as value
  from event e
  join workspace w on w.id = e.workspace_id
  join customer m on m.workspace_id = e.workspace_id and m.id = e.customer_id
  where e.effect = 'order'
  group by 1, 2, 3
)
update customer c set order_days = days.count, first_day_value = days.first_value
from (
  select workspace_id, id, count(*) as count, (array_agg(value order by day))[1] as first_value
  from bought group by workspace_id, id
) as days
where c.workspace_id = days.workspace_id and c.id = days.id;
alter table workspace force row level security;
alter table event force row level security;
alter table customer force row level security;

-- A fitted model, never changed: what scores are made of, what it was fitted on and how it did.
create table churn_model (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  version integer not null,
  mode text not null,
  definition jsonb not null,
  evidence jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, version)
);

-- One row per workspace that has settings of its own or a model in force.
create table churn_setting (
  workspace_id uuid primary key references workspace (id) on delete cascade,
  activity text not null default 'PURCHASES',
  horizon_days integer not null default 90,
  automatic_refit boolean not null default true,
  active_model uuid,
  activated_at timestamptz,
  -- What renewals are foretold by, beside it.
  subscription_model uuid,
  foreign key (workspace_id, active_model) references churn_model (workspace_id, id),
  foreign key (workspace_id, subscription_model) references churn_model (workspace_id, id)
);

-- A model being fitted, or put into force customer by customer.
create table churn_job (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  mode text not null,
  state text not null,
  phase text not null,
  activation text not null,
  model_id uuid,
  done integer not null default 0,
  total integer not null default 0,
  reached uuid,
  outcome text,
  message text,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, model_id) references churn_model (workspace_id, id)
);
create index churn_job_running on churn_job (workspace_id, id) where state = 'RUNNING';

-- Where a customer is between safe and gone, and the model and the activity it was assessed by.
create table customer_risk (
  workspace_id uuid not null,
  customer_id uuid not null,
  band text not null,
  since timestamptz not null,
  flagged_since timestamptz,
  model_id uuid not null,
  x integer not null,
  last_at timestamptz not null,
  -- Expected for a year, as just after the last activity; minor units.
  lifetime_value bigint,
  primary key (workspace_id, customer_id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
) with (fillfactor = 85);
create index customer_risk_band on customer_risk (workspace_id, band, customer_id);
create index customer_risk_flagged on customer_risk (workspace_id, customer_id)
  where flagged_since is not null;

-- When to look next whether a workspace's model is to be fitted anew.
alter table workspace_directory add column refit_at timestamptz not null default now() + interval '1 day';

do $$
declare walled text;
begin
  foreach walled in array array['churn_model', 'churn_setting', 'churn_job', 'customer_risk'] loop
    execute format('alter table %I enable row level security', walled);
    execute format('alter table %I force row level security', walled);
    execute format(
      'create policy workspace on %I
         using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
         with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))',
      walled);
  end loop;
end $$;
