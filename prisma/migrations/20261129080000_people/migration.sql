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
    if date_trunc('second', instant, 'UTC') <> date_trunc('month', instant, 'UTC') then return null; end if;
  end if;
  if instant < '0001-01-01T00:00:00Z' or instant >= '9999-12-31T23:59:59.999001Z' then return null; end if;
  return instant;
exception when others then return null;
end $$;
