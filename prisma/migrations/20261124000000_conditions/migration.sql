-- One condition language: segments and lifecycles as data, evaluated at every instant.

-- Events of a workspace in the order in which they were taken in: what an evaluation may have known.
alter table event add column arrival bigint generated always as identity;

-- When a name was first told of its customer.
alter table identity add column since timestamptz;
alter table identity no force row level security;
alter table customer no force row level security;
update identity i set since = c.first_seen_at from customer c
  where c.workspace_id = i.workspace_id and c.id = i.customer_id;
alter table identity force row level security;
alter table customer force row level security;
alter table identity alter column since set not null;

-- When a customer's answers next change by time alone.
alter table customer add column due_at timestamptz;
-- Set where not time but a definition that others ask for has made the customer due.
alter table customer add column due_cause text check (due_cause = 'DEFINITION');
create index customer_due on customer (workspace_id, due_at) where due_at is not null;

-- The names of all events the customer ever did by `track`; null when there are too many to keep. What is
-- not among them need not be looked up.
alter table customer add column event_names text[] default '{}';
alter table event no force row level security;
alter table customer no force row level security;
update customer c set event_names = done.names from (
  select e.workspace_id, coalesce(m.merged_into, m.id) as id,
    case when count(distinct e.name) <= 100 then array_agg(distinct e.name) end as names
  from event e join customer m on m.workspace_id = e.workspace_id and m.id = e.customer_id
  where e.kind = 'track' group by 1, 2
) as done where c.workspace_id = done.workspace_id and c.id = done.id;
alter table event force row level security;
alter table customer force row level security;

-- Grows with every change of a rule, so that compiled rules can be kept as long as it stands still.
alter table workspace add column rules_version bigint not null default 0;

-- Outside the wall, instants alone: which workspace has something due, and which takes in its past.
alter table workspace_directory add column due_at timestamptz;
alter table workspace_directory add column importing_until timestamptz;
create index workspace_directory_due on workspace_directory (due_at) where due_at is not null;

create table member (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  name text not null,
  email text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, email)
);

create table team (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  name text not null,
  kind text not null check (kind in ('MARKETING', 'SALES', 'CUSTOMER_SERVICE')),
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, name)
);

create table team_member (
  workspace_id uuid not null,
  team_id uuid not null,
  member_id uuid not null,
  primary key (workspace_id, team_id, member_id),
  foreign key (workspace_id, team_id) references team (workspace_id, id) on delete cascade,
  foreign key (workspace_id, member_id) references member (workspace_id, id) on delete cascade
);
create index team_member_member on team_member (workspace_id, member_id);

create table segment (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null,
  tags text[] not null default '{}',
  owner_member_id uuid,
  owner_team_id uuid,
  -- The filter in force; null for a list kept by hand.
  filter jsonb,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, key),
  foreign key (workspace_id, owner_member_id) references member (workspace_id, id),
  foreign key (workspace_id, owner_team_id) references team (workspace_id, id),
  check (owner_member_id is null or owner_team_id is null)
);

-- Like the rows of the log these refer to customers without a foreign key, for speed: they are written
-- only by the transaction that has just read or made the customer.
create table segment_member (
  workspace_id uuid not null,
  segment_id uuid not null,
  customer_id uuid not null,
  since timestamptz not null,
  primary key (workspace_id, segment_id, customer_id),
  foreign key (workspace_id, segment_id) references segment (workspace_id, id) on delete cascade
);
create index segment_member_customer on segment_member (workspace_id, customer_id);

alter table lifecycle add column owner_member_id uuid;
alter table lifecycle add column owner_team_id uuid;
alter table lifecycle add foreign key (workspace_id, owner_member_id) references member (workspace_id, id);
alter table lifecycle add foreign key (workspace_id, owner_team_id) references team (workspace_id, id);

alter table stage no force row level security;
alter table stage rename column rule to entry;
update stage set entry = case
    when entry = '{"all": []}' then '{"all": []}'::jsonb
    when entry ? 'any' then '{"any": [{"fact": {"identified": true}}, {"fact": {"leadAt": {"exists": true}}}]}'
    else jsonb_build_object('fact', jsonb_build_object('orders',
      jsonb_build_object('atLeast', entry -> 'atLeast')))
  end;
alter table stage force row level security;
alter table stage add column stay jsonb;
alter table stage add column synonyms text[] not null default '{}';
alter table stage add column expected_duration text;
alter table stage add column goals jsonb not null default '[]';
alter table stage add column accept_within text;
alter table stage add column owner_member_id uuid;
alter table stage add column owner_team_id uuid;
alter table stage add foreign key (workspace_id, owner_member_id) references member (workspace_id, id);
alter table stage add foreign key (workspace_id, owner_team_id) references team (workspace_id, id);

-- When each stage the customer was in before was last left, by the stage's key.
alter table customer_stage add column left_at jsonb not null default '{}';
alter table customer_stage add column pinned_until timestamptz;
-- Stages come and go with the versions of a lifecycle; a place is written by the evaluation alone.
alter table customer_stage drop constraint customer_stage_workspace_id_lifecycle_id_stage_key_fkey;

-- A definition on its way: evaluated for all customers beside the one in force, which it then replaces.
create table build (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  -- One of the two.
  segment_id uuid,
  lifecycle_id uuid,
  version integer not null,
  definition jsonb not null,
  state text not null check (state in ('RUNNING', 'DONE', 'SUPERSEDED')),
  done integer not null default 0,
  total integer not null,
  -- The customer up to whom it has come, in the order of their ids.
  reached uuid,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, segment_id) references segment (workspace_id, id) on delete cascade,
  foreign key (workspace_id, lifecycle_id) references lifecycle (workspace_id, id) on delete cascade,
  check ((segment_id is null) <> (lifecycle_id is null))
);
create index build_segment on build (workspace_id, segment_id, started_at desc) where segment_id is not null;
create index build_lifecycle on build (workspace_id, lifecycle_id, started_at desc) where lifecycle_id is not null;
-- Outside the wall: which workspace has a definition on its way.
alter table workspace_directory add column building boolean not null default false;

-- Where a definition on its way would put the customers; stage_key is empty for a segment's members.
create table build_place (
  workspace_id uuid not null,
  build_id uuid not null,
  customer_id uuid not null,
  stage_key text not null,
  since timestamptz not null,
  left_at jsonb not null default '{}',
  primary key (workspace_id, build_id, customer_id),
  foreign key (workspace_id, build_id) references build (workspace_id, id) on delete cascade
);
create index build_place_customer on build_place (workspace_id, customer_id);

create table task (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  customer_id uuid not null,
  lifecycle_id uuid not null,
  stage_key text not null,
  from_team_id uuid,
  team_id uuid,
  assignee_id uuid,
  title text not null,
  state text not null check (state in ('OPEN', 'ACCEPTED', 'DONE', 'CANCELLED')),
  created_at timestamptz not null,
  due_at timestamptz,
  accepted_at timestamptz,
  accepted_by_id uuid,
  closed_at timestamptz,
  cancel_reason text,
  -- The change by which the customer came; the same one makes no second task.
  transition_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, customer_id) references customer (workspace_id, id) on delete cascade,
  foreign key (workspace_id, lifecycle_id) references lifecycle (workspace_id, id) on delete cascade,
  -- Closed tasks outlive the people and teams they name.
  foreign key (workspace_id, team_id) references team (workspace_id, id)
    on delete set null (team_id),
  foreign key (workspace_id, from_team_id) references team (workspace_id, id)
    on delete set null (from_team_id),
  foreign key (workspace_id, assignee_id) references member (workspace_id, id)
    on delete set null (assignee_id),
  foreign key (workspace_id, accepted_by_id) references member (workspace_id, id)
    on delete set null (accepted_by_id)
);
create index task_open on task (workspace_id, team_id, state, due_at);
create index task_assignee on task (workspace_id, assignee_id, state, due_at);
create unique index task_transition
  on task (workspace_id, customer_id, lifecycle_id, stage_key, transition_at);

-- Where a customer was that became part of another one: the log alone tells how many were where and when.
alter table change no force row level security;
update change m set data = m.data || jsonb_build_object('places', (
    select coalesce(jsonb_object_agg(place.lifecycle, place.stage), '{}')
    from (
      select distinct on (s.data ->> 'lifecycle') s.data ->> 'lifecycle' as lifecycle, s.data ->> 'to' as stage
      from change s
      where s.workspace_id = m.workspace_id and s.customer_id = (m.data ->> 'from')::uuid
        and s.kind = 'STAGE_CHANGED' and s.position < m.position
      order by s.data ->> 'lifecycle', s.position desc
    ) as place))
  where m.kind = 'CUSTOMER_MERGED' and not m.data ? 'places';
alter table change force row level security;

-- Of a manual move: who made it and why.
create or replace view transition with (security_invoker = true) as
select workspace_id, position, customer_id, at, recorded_at,
  (data ->> 'lifecycle')::uuid as lifecycle_id,
  data ->> 'from' as from_stage,
  data ->> 'to' as to_stage,
  data ->> 'cause' as cause,
  data -> 'rule' as rule,
  (data ->> 'version')::integer as lifecycle_version,
  (data ->> 'event')::uuid as event_id,
  (data ->> 'late')::boolean as late,
  data -> 'actor' as actor,
  data ->> 'reason' as reason
from change
where kind = 'STAGE_CHANGED';

/*
 * An instant from what somebody told as a date: a day (its beginning in the workspace's zone) or an
 * RFC 3339 date and time. Null for everything else, so that no trait can make a query fail.
 */
create function told_instant(told jsonb, zone text) returns timestamptz
language plpgsql immutable parallel restricted as $$
declare value text := told #>> '{}';
begin
  if jsonb_typeof(told) is distinct from 'string' then return null; end if;
  if value ~ '^\d{4}-\d\d-\d\d$' then return value::timestamp at time zone zone; end if;
  -- PostgreSQL by itself would also take the hour 24.
  if value ~ '^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$' then
    return value::timestamptz;
  end if;
  return null;
exception when others then return null;
end $$;

do $$
declare walled text;
begin
  foreach walled in array array[
    'member', 'team', 'team_member', 'segment', 'segment_member', 'build', 'build_place', 'task'
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
