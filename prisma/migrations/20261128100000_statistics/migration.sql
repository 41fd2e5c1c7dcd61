-- Has the planner take stock of a table, unless somebody is at it: only the owner may, and a server need not be it.
create function take_stock(table_name text) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  execute format('analyze (skip_locked) public.%I', table_name);
end
$$;
