-- The fact `orders` of filters is now `orderCount`, and lifecycles made of a template have its new key.
alter table lifecycle no force row level security;
alter table stage no force row level security;
alter table segment no force row level security;
alter table build no force row level security;
alter table change no force row level security;

-- A workspace that has a lifecycle with the new key already keeps the old one.
create temporary table renamed_lifecycle on commit drop as
  select l.workspace_id, l.id, l.key as old_key, names.new_key
  from lifecycle l
  join (values
    ('ARTICLE_000', 'REACH_TO_LOYALTY'),
    ('ARTICLE_001', 'AWARENESS_TO_LOYALTY'),
    ('ARTICLE_002', 'POSSESSION_AND_TURNING'),
    ('ARTICLE_003', 'ACQUISITION_TO_ADVOCACY'),
    ('ARTICLE_004', 'AWARENESS_TO_RETENTION')) as names (old_key, new_key) on names.old_key = l.key
  where not exists (
    select from lifecycle o where o.workspace_id = l.workspace_id and o.key = names.new_key);

update lifecycle l set key = r.new_key
  from renamed_lifecycle r where r.workspace_id = l.workspace_id and r.id = l.id;

-- New keys by old ones, for every workspace.
create temporary table renamed_keys on commit drop as
  select w.id as workspace_id,
    coalesce(jsonb_object_agg(r.old_key, r.new_key) filter (where r.id is not null), '{}') as keys
  from workspace_directory w left join renamed_lifecycle r on r.workspace_id = w.id
  group by w.id;

create function rename_in_filter(value jsonb, keys jsonb) returns jsonb
language plpgsql immutable strict as $$
begin
  if jsonb_typeof(value) = 'array' then
    return coalesce((
      select jsonb_agg(rename_in_filter(item, keys) order by place)
      from jsonb_array_elements(value) with ordinality as items (item, place)), '[]');
  end if;
  if jsonb_typeof(value) <> 'object' then return value; end if;
  return coalesce((
    select jsonb_object_agg(name, case
        when name = 'fact' and part ? 'orders'
          then part - 'orders' || jsonb_build_object('orderCount', part -> 'orders')
        when name = 'stage' and keys ? upper(part ->> 'lifecycle')
          then part || jsonb_build_object('lifecycle', keys -> upper(part ->> 'lifecycle'))
        else rename_in_filter(part, keys)
      end)
    from jsonb_each(value) as parts (name, part)), '{}');
end $$;

update stage s set entry = rename_in_filter(entry, r.keys), stay = rename_in_filter(stay, r.keys)
  from renamed_keys r where r.workspace_id = s.workspace_id;
update segment s set filter = rename_in_filter(filter, r.keys)
  from renamed_keys r where r.workspace_id = s.workspace_id and s.filter is not null;
update build b set definition = rename_in_filter(definition, r.keys)
  from renamed_keys r where r.workspace_id = b.workspace_id;
update change c set data = c.data || jsonb_build_object('rule', rename_in_filter(c.data -> 'rule', r.keys))
  from renamed_keys r
  where r.workspace_id = c.workspace_id and c.kind = 'STAGE_CHANGED'
    and (c.data ->> 'rule') ~ '"orders"|"lifecycle"';

drop function rename_in_filter(jsonb, jsonb);

alter table change force row level security;
alter table build force row level security;
alter table segment force row level security;
alter table stage force row level security;
alter table lifecycle force row level security;
