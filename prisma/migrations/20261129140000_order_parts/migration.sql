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
alter table event no force row level security;
alter table record_report no force row level security;
update record_report r set trust = e.trust, part = left(nullif(btrim(e.properties ->> 'refund_id'), ''), 256)
  from event e where e.workspace_id = r.workspace_id and e.id = r.event_id;
alter table record_report force row level security;
alter table event force row level security;
