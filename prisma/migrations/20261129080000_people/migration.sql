-- What the sender stated, if the event is dated otherwise: its clock was wrong, or the time was ahead of the receipt.
alter table event add column reported_at timestamptz;

/*
 * An instant from what somebody told as a date: a day (its beginning in the workspace's zone) or an RFC 3339 date
 * and time, with the leap seconds and offsets that PostgreSQL by itself would refuse. It reads what `parseInstant`
 * of the server reads. Null for everything else, so that no trait can make a query fail.
 */
create or replace function told_instant(told jsonb, zone text) returns timestamptz
language plpgsql immutable parallel restricted as $$
declare
  value text := told #>> '{}';
  parts text[];
  instant timestamptz;
begin
  if jsonb_typeof(told) is distinct from 'string' then return null; end if;
  if value ~ '^\d{4}-\d\d-\d\d$' then return value::timestamp at time zone zone; end if;
  -- PostgreSQL by itself would also take the hour 24 and any second 60.
  if value ~ '^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-](0\d|1[0-5]):?[0-5]\d)$' then
    instant := value::timestamptz;
  else
    parts := regexp_match(value, '^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(\.\d+)?'
      || '(?:[Zz]|([+-])((?:[01]\d|2[0-3])):?([0-5]\d))$');
    if parts is null then return null; end if;
    instant := (parts[1] || 'T' || parts[2] || ':' || replace(parts[3], '60', '59')
      || coalesce(parts[4], '') || 'Z')::timestamptz;
    if parts[5] is not null then
      instant := instant - (parts[5] || parts[6] || ':' || parts[7])::interval;
    end if;
    if parts[3] = '60' then
      instant := instant + interval '1 second';
      if date_trunc('second', instant, 'UTC') <> date_trunc('month', instant, 'UTC') then
        return null;
      end if;
    end if;
  end if;
  if instant < '0001-01-01T00:00:00Z' or instant >= '9999-12-31T23:59:59.999001Z' then return null; end if;
  return instant;
exception when others then return null;
end $$;

-- Several customers may hold an e-mail address; `ordinal` is the order in which they got it.
alter table identity add column ordinal bigint generated always as identity;
alter table identity drop constraint identity_pkey, add primary key (workspace_id, kind, value, customer_id);

-- Addresses that only the first of their customers held until now.
alter table identity no force row level security;
alter table customer no force row level security;
insert into identity (workspace_id, kind, value, customer_id, since)
  select c.workspace_id, 'email', told.address, c.id,
    coalesce(to_timestamp((c.traits_at ->> 'email')::float8 / 1000), c.first_seen_at)
  from customer c
  cross join lateral (select lower(btrim(c.email, E' \t\n\r\f\u00a0')) as address) as told
  where c.merged_into is null and told.address ~ '^[^\s@]+@[^\s@]+$' and length(told.address) <= 256
    and not exists (
      select from identity i
      join customer m on m.workspace_id = i.workspace_id and m.id = i.customer_id
      where i.workspace_id = c.workspace_id and i.kind = 'email' and i.value = told.address
        and coalesce(m.merged_into, m.id) = c.id)
  order by c.workspace_id, c.id;
-- An address that its customer has removed is no longer shown.
update customer set email = null
  where merged_into is null and email is not null and traits_at ? 'email'
    and coalesce(case when jsonb_typeof(traits -> 'email') = 'string' then traits ->> 'email' end, '') = '';
alter table identity force row level security;
alter table customer force row level security;
