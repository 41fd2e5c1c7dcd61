-- What a subscriber pays at each renewal, for sums over many: plan, renewals made, period and price.
alter table customer_risk add column payments jsonb;

-- Where subscribers are assessed already, the model in force is applied once more, to write it down.
alter table churn_setting no force row level security;
alter table churn_job no force row level security;
insert into churn_job (workspace_id, id, mode, state, phase, activation, model_id, started_at)
  select s.workspace_id, gen_random_uuid(), 'SUBSCRIPTION', 'RUNNING', 'APPLYING', 'ALWAYS', s.subscription_model,
    now()
  from churn_setting s
  where s.assessed_by = 'SUBSCRIPTION' and s.subscription_model is not null and not exists (
    select from churn_job j where j.workspace_id = s.workspace_id and j.state = 'RUNNING');
update workspace_directory d set building = true
  where exists (select from churn_job j where j.workspace_id = d.id and j.state = 'RUNNING');
alter table churn_setting force row level security;
alter table churn_job force row level security;
