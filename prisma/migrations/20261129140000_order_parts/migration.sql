-- A cancelled order counts until its cancellation: see docs/decisions/0050.
alter table event
  -- What the event counted as before it was taken back, and until when.
  add column counted_effect text,
  add column counted_until timestamptz;
create index event_counted_until on event (workspace_id, counted_until) where counted_until is not null;
