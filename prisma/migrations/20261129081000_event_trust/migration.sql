-- Whether the sender of an event keeps its key secret ('SERVER') or shows it in web pages ('BROWSER'). Without a check
-- constraint, which would read all events of an existing database.
alter table event add column trust text not null default 'SERVER';
