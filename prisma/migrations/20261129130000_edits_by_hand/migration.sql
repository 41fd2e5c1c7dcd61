-- Who caused an event: see docs/decisions/0049. Without a check constraint, which would read all events.
alter table event add column origin text not null default 'CUSTOMER';

-- The decisions of customers about the use of their data. Append-only.
create table consent (
  workspace_id uuid not null,
  event_id uuid not null,
  purpose text not null,
  -- Null for a decision about all channels.
  channel text,
  customer_id uuid not null,
  state text not null check (state in ('GRANTED', 'DENIED', 'UNKNOWN')),
  at timestamptz not null,
  -- That of the event: of two decisions at one instant the later arrival counts.
  arrival bigint not null,
  source text not null,
  primary key (workspace_id, event_id, purpose),
  foreign key (workspace_id, event_id) references event (workspace_id, id) on delete cascade,
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade
);
create index consent_customer on consent (workspace_id, customer_id, purpose, at desc, arrival desc);
create index consent_purpose on consent (workspace_id, purpose);

-- Every name but an address has one customer: see docs/decisions/0042 and 0049.
create unique index identity_holder on identity (workspace_id, kind, value) where kind <> 'email';

alter table event no force row level security;
alter table customer no force row level security;
alter table workspace no force row level security;

insert into consent (workspace_id, event_id, purpose, customer_id, state, at, arrival, source)
  select e.workspace_id, e.id, substr(trait.key, 9), e.customer_id,
    case trait.value when 'true' then 'GRANTED' when 'false' then 'DENIED' else 'UNKNOWN' end,
    e.occurred_at, e.arrival, 'identify'
  from event e, jsonb_each(e.properties) as trait
  where e.kind = 'identify' and starts_with(trait.key, 'consent:')
    and length(trait.key) between 9 and 264;

update customer set
  traits = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(traits)
    where not starts_with(key, 'consent:')),
  traits_at = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(traits_at)
    where not starts_with(key, 'consent:'))
  where exists (select from jsonb_object_keys(traits_at) as name where starts_with(name, 'consent:'));

-- `tagCustomers` and `setConsent` sent nothing but reserved traits, to customers that existed, and without a message id.
create temporary table edited on commit drop as
  select e.workspace_id, e.id as event_id, coalesce(c.merged_into, c.id) as customer_id,
    jsonb_path_exists(e.properties, '$.keyvalue() ? (@.key starts with "consent:")') as is_consent
  from event e
  join customer c on c.workspace_id = e.workspace_id and c.id = e.customer_id
  where e.kind = 'identify' and e.message_id like 'stl-%' and e.context is null and e.properties <> '{}'
    and not exists (select from jsonb_object_keys(e.properties) as name
      where not starts_with(name, 'tag:') and not starts_with(name, 'consent:'))
    and exists (select from event earlier where earlier.workspace_id = e.workspace_id
      and earlier.customer_id = e.customer_id and earlier.arrival < e.arrival);
update event e set origin = 'SYSTEM',
    name = case when edited.is_consent then 'Consent Changed' else 'Tags Changed' end
  from edited where e.workspace_id = edited.workspace_id and e.id = edited.event_id;

-- The facts of their customers without these events, which the scheduler then evaluates.
update customer set events = facts.events, active_days = facts.active_days,
    first_seen_at = facts.first_seen_at, last_seen_at = facts.last_seen_at,
    due_at = customer.evaluated_at, due_cause = 'DEFINITION'
  from (
    select w.id as workspace_id, one.customer_id, count(*) as events,
      min(e.occurred_at) as first_seen_at, max(e.occurred_at) as last_seen_at,
      count(distinct (e.occurred_at at time zone w.time_zone)::date) as active_days
    from (select distinct workspace_id, customer_id from edited) as one
    join workspace w on w.id = one.workspace_id
    join customer c on c.workspace_id = w.id and one.customer_id in (c.id, c.merged_into)
    join event e on e.workspace_id = w.id and e.customer_id = c.id and e.origin = 'CUSTOMER'
    group by w.id, one.customer_id
  ) as facts
  where customer.workspace_id = facts.workspace_id and customer.id = facts.customer_id;
update workspace_directory d set due_at = least(d.due_at, overdue.due_at)
  from (select workspace_id, min(due_at) as due_at from customer where due_cause = 'DEFINITION' group by 1) as overdue
  where d.id = overdue.workspace_id;

alter table workspace force row level security;
alter table customer force row level security;
alter table event force row level security;

alter table consent enable row level security;
alter table consent force row level security;
create policy workspace on consent
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));

-- Filters that took consents for traits ask for consents.
alter table stage no force row level security;
alter table segment no force row level security;
alter table build no force row level security;
alter table change no force row level security;

create function consents_in_filter(value jsonb) returns jsonb
language plpgsql immutable strict as $$
declare about jsonb;
begin
  if jsonb_typeof(value) = 'array' then
    return coalesce((
      select jsonb_agg(consents_in_filter(item) order by place)
      from jsonb_array_elements(value) with ordinality as items (item, place)), '[]');
  end if;
  if jsonb_typeof(value) <> 'object' then return value; end if;
  if value #>> '{trait,name}' like 'consent:_%' then
    about := jsonb_build_object('purpose', substr(value #>> '{trait,name}', 9));
    return case value #> '{trait,is}'
      when '{"boolean": true}' then jsonb_build_object('consent', about || '{"is": "GRANTED"}')
      when '{"boolean": false}' then jsonb_build_object('consent', about || '{"is": "DENIED"}')
      when '{"exists": false}' then jsonb_build_object('consent', about || '{"is": "UNKNOWN"}')
      when '{"exists": true}'
        then jsonb_build_object('not', jsonb_build_object('consent', about || '{"is": "UNKNOWN"}'))
      else '{"any": []}'
    end;
  end if;
  return coalesce((
    select jsonb_object_agg(name, consents_in_filter(part)) from jsonb_each(value) as parts (name, part)), '{}');
end $$;

update stage set entry = consents_in_filter(entry), stay = consents_in_filter(stay)
  where entry::text like '%"consent:%' or stay::text like '%"consent:%';
update segment set filter = consents_in_filter(filter) where filter::text like '%"consent:%';
update build set definition = consents_in_filter(definition) where definition::text like '%"consent:%';
update change set data = data || jsonb_build_object('rule', consents_in_filter(data -> 'rule'))
  where kind = 'STAGE_CHANGED' and data ->> 'rule' like '%"consent:%';

drop function consents_in_filter(jsonb);

alter table change force row level security;
alter table build force row level security;
alter table segment force row level security;
alter table stage force row level security;
