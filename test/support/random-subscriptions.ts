import { parseUuid } from '../../schema/kernel/global-id.ts';
import type { StoredChange } from './inspect.ts';
import { createRandom } from './random.ts';
import { schema } from './schema.ts';
import type { SeededWorkspace } from './seed-workspace.ts';
import { selectAll } from './select-all-fields.ts';

/** A subscription field with arguments, and the changes that they select. */
export interface Stream {
  field: string;
  parameters: string;
  args: string;
  variables(tenant: SeededWorkspace): object;
  selects(change: StoredChange, tenant: SeededWorkspace): boolean;
}

const customerOf = ({ ids }: SeededWorkspace) => parseUuid('Customer', ids.Customer);
const isMove = ({ kind }: StoredChange) => kind === 'STAGE_CHANGED';

const stream = (field: string, rest: Partial<Stream>): Stream => ({
  field,
  parameters: '',
  args: '',
  variables: () => ({}),
  selects: () => true,
  ...rest,
});

export const streams: Stream[] = [
  stream('changes', {}),
  stream('changes', {
    args: 'kinds: [CUSTOMER_CREATED, CUSTOMER_MERGED]',
    selects: ({ kind }) => kind === 'CUSTOMER_CREATED' || kind === 'CUSTOMER_MERGED',
  }),
  stream('changes', {
    parameters: '$segment: String',
    args: 'segment: $segment',
    variables: ({ canary }) => ({ segment: canary }),
    selects: ({ customer }, tenant) => customer === customerOf(tenant),
  }),
  stream('stageChanged', { selects: isMove }),
  stream('stageChanged', {
    args: 'to: ["REACH", "ACQUISITION"]',
    selects: (change) => isMove(change) && /^(REACH|ACQUISITION)$/.test(String(change.data['to'])),
  }),
  stream('stageChanged', {
    parameters: '$customer: ID',
    args: 'customer: $customer',
    variables: ({ ids }) => ({ customer: ids.Customer }),
    selects: (change, tenant) => isMove(change) && change.customer === customerOf(tenant),
  }),
  stream('stageCountsChanged', {
    args: 'lifecycle: "REACH_TO_LOYALTY"',
    selects: (change) => isMove(change) || change.data['places'] !== undefined,
  }),
];

export interface Operation {
  stream: Stream;
  query: string;
}

/** A subscription that selects random fields. */
export function toOperation(chosen: Stream, seed: number): Operation {
  const random = createRandom(seed);
  const field = schema.getSubscriptionType()?.getFields()[chosen.field];
  if (!field) throw new Error(`There is no subscription ${chosen.field}`);
  let left = random.between(5, 100);
  const isWanted = () => random.next() < 0.4 && left-- > 0;
  const selection = selectAll(schema, field, { depth: 3, isWanted });
  const query = `subscription ($after: Cursor ${chosen.parameters}) {
    ${chosen.field}(after: $after ${chosen.args}) ${selection} }`;
  return { stream: chosen, query };
}
