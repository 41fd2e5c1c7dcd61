import pg from 'pg';

/** What a subscription selects, besides the workspace. */
export type Selection =
  | { field: 'changes' | 'segmentChanged'; segment: string }
  | { field: 'stageChanged'; customer: string };

interface LogRow {
  position: string;
  kind: string;
  customer: string;
  segment: string | null;
}

/**
 * The positions that each selection selects from the log after a position, computed from the log alone: memberships
 * are what entries and exits add up to. Without merges.
 */
export async function expectedPositions(
  databaseUrl: string,
  after: number,
): Promise<(selection: Selection) => readonly number[]> {
  const members = new Map<string, Set<string>>();
  const selected = new Map<string, number[]>();
  const select = (key: string, position: number) => {
    if (position <= after) return;
    const positions = selected.get(key) ?? [];
    selected.set(key, positions);
    positions.push(position);
  };
  for (const { position, kind, customer, segment } of await readLog(databaseUrl)) {
    const memberships = members.get(customer) ?? new Set();
    members.set(customer, memberships);
    if (kind === 'SEGMENT_ENTERED' && segment) memberships.add(segment);
    if (kind === 'SEGMENT_LEFT' && segment) memberships.delete(segment);
    if (segment) select(`segmentChanged ${segment}`, Number(position));
    if (kind === 'STAGE_CHANGED') select(`stageChanged ${customer}`, Number(position));
    for (const one of memberships) select(`changes ${one}`, Number(position));
  }
  return (selection) => selected.get(keyOf(selection)) ?? [];
}

const keyOf = (selection: Selection) =>
  'segment' in selection
    ? `${selection.field} ${selection.segment}`
    : `${selection.field} ${uuidOf(selection.customer)}`;

/** The UUID in the id of a customer in the API. */
const uuidOf = (id: string) => Buffer.from(id, 'base64url').toString().split(':')[1];

async function readLog(connectionString: string): Promise<LogRow[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<LogRow>(
      `select position, kind, customer_id as customer, segment.key as segment
       from change left join segment on segment.id::text = change.data ->> 'segment'
       order by position`,
    );
    return rows;
  } finally {
    await client.end();
  }
}
