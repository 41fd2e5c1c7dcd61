-- Background work of a workspace, step by step. `kind` is declared in code by the owner of the job.
create table job (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  kind text not null,
  -- What the job is about: of one kind and key only one job runs.
  key text not null default '',
  -- RUNNING until the job has ended, also while it waits for its next step.
  state text not null check (state in ('RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
  -- What the kind keeps between two steps.
  data jsonb not null default '{}',
  done integer not null default 0,
  total integer not null default 0,
  -- How many steps have failed since the last one that succeeded.
  attempts integer not null default 0,
  -- When the next step is due.
  run_at timestamptz not null,
  outcome text,
  message text,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id)
);

alter table build no force row level security;
alter table churn_job no force row level security;

insert into job (workspace_id, id, kind, key, state, data, done, total, run_at, started_at, finished_at)
  select workspace_id, id, 'BUILD', coalesce(segment_id, lifecycle_id)::text,
    case state when 'SUPERSEDED' then 'CANCELLED' else state end,
    jsonb_build_object('reached', reached), done, total, started_at, started_at, finished_at
  from build;
insert into job (workspace_id, id, kind, state, data, done, total, run_at, outcome, message, started_at, finished_at)
  select workspace_id, id, 'CHURN_MODEL', state,
    jsonb_build_object('mode', mode, 'phase', phase, 'activation', activation, 'modelId', model_id,
      'reached', reached),
    done, total, started_at, outcome, message, started_at, finished_at
  from churn_job;
insert into job (workspace_id, id, kind, state, run_at, started_at)
  select id, gen_random_uuid(), 'CHURN_REFIT', 'RUNNING', refit_at, now() from workspace_directory;

create unique index job_running on job (workspace_id, kind, key) where state = 'RUNNING';
create index job_due on job (workspace_id, run_at) where state = 'RUNNING';
create index job_kind on job (workspace_id, kind, id);
drop table churn_job;

-- A build is a job and the definition that it leads into force.
alter table build add column subject_kind text;
alter table build add column subject_id uuid;
update build set subject_kind = case when segment_id is null then 'LIFECYCLE' else 'SEGMENT' end,
  subject_id = coalesce(segment_id, lifecycle_id);
alter table build alter column subject_kind set not null, alter column subject_id set not null,
  drop column segment_id, drop column lifecycle_id, drop column state, drop column done,
  drop column total, drop column reached, drop column started_at, drop column finished_at,
  drop constraint build_workspace_id_fkey,
  add foreign key (workspace_id, id) references job (workspace_id, id) on delete cascade;
create index build_subject on build (workspace_id, subject_id, id);
alter table build force row level security;

-- Outside the wall: when the next job of a workspace is due. A new workspace is visited at once.
alter table workspace_directory add column jobs_at timestamptz default now();
alter table workspace_directory drop column building, drop column refit_at;
create index workspace_directory_jobs on workspace_directory (jobs_at);

alter table job enable row level security;
alter table job force row level security;
create policy workspace on job
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
