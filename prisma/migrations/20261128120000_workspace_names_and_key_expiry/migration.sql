-- Until when a key is valid; for ever if absent.
alter table api_key add column expires_at timestamptz;

-- Names of workspaces become unique. Of several with the same name the oldest keeps it, the others get a number.
alter table workspace no force row level security;
update workspace set name = btrim(name) where name <> btrim(name);
do $$
declare
  later record;
  free_name text;
  number int;
begin
  for later in
    select w.id, w.name from workspace w join workspace_directory d using (id)
    where exists (
      select from workspace o join workspace_directory e using (id)
      where lower(o.name) = lower(w.name) and e.ordinal < d.ordinal)
    order by d.ordinal
  loop
    number := 2;
    loop
      free_name := format('%s (%s)', later.name, number);
      exit when not exists (select from workspace w where lower(w.name) = lower(free_name));
      number := number + 1;
    end loop;
    update workspace set name = free_name where id = later.id;
  end loop;
end $$;
create unique index workspace_name on workspace (lower(name));
alter table workspace force row level security;
