-- Whether customers are lost by staying away or by not renewing: which models are fitted by themselves, and by
-- which of the two models in force risk is assessed.
alter table churn_setting add column mode text not null default 'ACTIVITY';
alter table churn_setting add column assessed_by text not null default 'ACTIVITY';

-- Of subscribers, the score from each of some instants on: [[ms since 1970, score], ...].
alter table customer_risk add column steps jsonb;

-- Few of a customer's events tell of its subscription.
create index event_subscription on event (workspace_id, customer_id, occurred_at)
  where kind = 'track' and lower(btrim(name)) in (
    'subscription started', 'subscription renewed', 'subscription cancelled', 'subscription canceled',
    'payment failed', 'payment recovered', 'satisfaction given');

-- Models of renewals know bands and lateness from now on: earlier ones are to be fitted anew.
alter table churn_setting no force row level security;
alter table churn_model no force row level security;
alter table churn_job no force row level security;
update churn_setting set subscription_model = null;
delete from churn_job where mode = 'SUBSCRIPTION';
delete from churn_model where mode = 'SUBSCRIPTION';
alter table churn_setting force row level security;
alter table churn_model force row level security;
alter table churn_job force row level security;
