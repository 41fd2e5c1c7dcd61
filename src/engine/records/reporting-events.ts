import type { Tx } from '../../platform/database.ts';

/** The ids of the events that reported each record, by its key, in the order of arrival. */
export async function reportingEvents(
  tx: Tx,
  workspaceId: string,
  { kind, keys }: { kind: string; keys: readonly string[] },
): Promise<Map<string, string[]>> {
  const rows = await tx.$queryRaw<Array<{ key: string; eventIds: string[] }>>`
    select key, array_agg(event_id order by arrival) as "eventIds" from record_report
    where workspace_id = ${workspaceId}::uuid and kind = ${kind} and key = any(${[...keys]}::text[])
      and event_id is not null
    group by key`;
  return new Map(rows.map(({ key, eventIds }) => [key, eventIds]));
}
