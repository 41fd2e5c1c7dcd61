-- Who was added to a list by hand, by the customer it was done for; segment_member has the members after merges.
-- See docs/decisions/0048.
create table list_entry (
  workspace_id uuid not null,
  segment_id uuid not null,
  customer_id uuid not null,
  primary key (workspace_id, segment_id, customer_id),
  foreign key (workspace_id, segment_id) references segment (workspace_id, id) on delete cascade
);
create index list_entry_customer on list_entry (workspace_id, customer_id);

do $$
declare walled text;
begin
  foreach walled in array array['segment', 'segment_member', 'change', 'customer', 'customer_merge', 'customer_stage'] loop
    execute format('alter table %I no force row level security', walled);
  end loop;

  insert into list_entry (workspace_id, segment_id, customer_id)
    select m.workspace_id, m.segment_id, m.customer_id
    from segment_member m join segment s on s.workspace_id = m.workspace_id and s.id = m.segment_id
    where s.filter is null;
  -- A merged customer has the entries that its merge released, unless the list was emptied of the survivor since.
  insert into list_entry (workspace_id, segment_id, customer_id)
    select c.workspace_id, s.id, g.from_customer_id
    from change c
    join customer_merge g on g.workspace_id = c.workspace_id and g.id = (c.data ->> 'merge')::uuid
      and g.undone_at is null
    join customer absorbed on absorbed.workspace_id = c.workspace_id and absorbed.id = g.from_customer_id
    join segment s on s.workspace_id = c.workspace_id and s.filter is null
      and c.data -> 'segments' ? s.id::text
    join segment_member m on m.workspace_id = s.workspace_id and m.segment_id = s.id
      and m.customer_id = absorbed.merged_into
    where c.kind = 'CUSTOMER_MERGED'
    on conflict do nothing;
  -- The survivor has an entry of its own only if it was added by hand.
  delete from list_entry l
    where exists (
        select from change c where c.workspace_id = l.workspace_id and c.customer_id = l.customer_id
          and c.kind = 'SEGMENT_ENTERED' and c.data ->> 'cause' = 'MERGE'
          and c.data ->> 'segment' = l.segment_id::text)
      and not exists (
        select from change c where c.workspace_id = l.workspace_id and c.customer_id = l.customer_id
          and c.kind = 'SEGMENT_ENTERED' and c.data ->> 'cause' = 'MANUAL'
          and c.data ->> 'segment' = l.segment_id::text)
      and exists (
        select from customer a join list_entry other on other.workspace_id = a.workspace_id
          and other.customer_id = a.id and other.segment_id = l.segment_id
        where a.workspace_id = l.workspace_id and a.merged_into = l.customer_id);

  -- The stages of customers that are merged already count as the past of their survivors.
  update customer_stage p set left_at = (
    select coalesce(jsonb_object_agg(stage, at), '{}') from (
      select stage, max(at) as at from (
        select key as stage, value::timestamptz as at from jsonb_each_text(p.left_at)
        union all
        select t.from_stage, t.at from customer a
          join transition t on t.workspace_id = a.workspace_id and t.customer_id = a.id
            and t.lifecycle_id = p.lifecycle_id and t.from_stage is not null
        where a.workspace_id = p.workspace_id and a.merged_into = p.customer_id
        union all
        select c.data -> 'places' ->> p.lifecycle_id::text, c.at from customer a
          join customer_merge g on g.workspace_id = a.workspace_id and g.from_customer_id = a.id
          join change c on c.workspace_id = a.workspace_id and c.customer_id = g.into_customer_id
            and c.kind = 'CUSTOMER_MERGED' and c.data ->> 'merge' = g.id::text
            and c.data -> 'places' ? p.lifecycle_id::text
        where a.workspace_id = p.workspace_id and a.merged_into = p.customer_id
      ) as leaving group by stage
    ) as latest)
  where exists (
    select from customer a where a.workspace_id = p.workspace_id and a.merged_into = p.customer_id);

  foreach walled in array array['segment', 'segment_member', 'change', 'customer', 'customer_merge', 'customer_stage'] loop
    execute format('alter table %I force row level security', walled);
  end loop;
  alter table list_entry enable row level security;
  alter table list_entry force row level security;
  create policy workspace on list_entry
    using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
    with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
end $$;
