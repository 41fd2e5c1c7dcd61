-- Events that were not stored, for a week: SDKs do not show the result of each event. `event` is JSON as text, because
-- what was received may contain what jsonb refuses; it may be cut.
create table rejected_event (
  workspace_id uuid not null references workspace (id) on delete cascade,
  id uuid not null,
  received_at timestamptz not null,
  key_id text,
  message_id text,
  code text not null,
  message text not null,
  event text,
  is_cut boolean not null,
  primary key (workspace_id, id)
);

alter table rejected_event enable row level security;
alter table rejected_event force row level security;
create policy workspace on rejected_event
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
