import type { TestWorkspace } from './server.ts';

export interface EditedCustomer {
  id: string;
  userId: string | null;
  email: string | null;
  name: string | null;
  traits: Record<string, unknown>;
  tags: string[];
  consents: Array<{ purpose: string; channel: string | null; granted: boolean; source: string }>;
  firstSeenAt: string;
  lastSeenAt: string;
  eventCount: number;
  activeDays: number;
  sessionCount: number;
}

const fields = `id userId email name traits tags consents { purpose channel granted source }
  firstSeenAt lastSeenAt eventCount activeDays sessionCount`;

export async function readCustomer(workspace: TestWorkspace, by: object): Promise<EditedCustomer> {
  const { customer } = await workspace.query<{ customer: EditedCustomer | null }>(
    `query ($by: CustomerBy!) { customer(by: $by) { ${fields} } }`,
    { by },
  );
  if (!customer) throw new Error(`There is no customer ${JSON.stringify(by)}`);
  return customer;
}

export interface Refused {
  code?: string;
  message?: string;
}

const refusal = '... on Refusal { code message }';

export async function updateCustomer(
  workspace: TestWorkspace,
  variables: object,
): Promise<Refused> {
  const { updateCustomer: result } = await workspace.query<{ updateCustomer: Refused }>(
    `mutation ($customer: ID!, $email: String, $name: String, $traits: JSON) {
       updateCustomer(customer: $customer, email: $email, name: $name, traits: $traits) {
         ... on UpdateCustomerPayload { customer { id } } ${refusal}
       }
     }`,
    variables,
  );
  return result;
}

export async function mergeCustomers(
  workspace: TestWorkspace,
  pair: { from: string; into: string },
): Promise<Refused & { merge?: { id: string; event: object; into: { id: string } } }> {
  const { mergeCustomers: result } = await workspace.query<{ mergeCustomers: object }>(
    `mutation ($from: ID!, $into: ID!) {
       mergeCustomers(from: $from, into: $into) {
         ... on MergeCustomersPayload {
           merge { id into { id } event { name origin properties context } }
         } ${refusal}
       }
     }`,
    pair,
  );
  return result;
}

export const undoMerge = (workspace: TestWorkspace, merge: string | undefined) =>
  workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', { merge });

export const setConsent = (workspace: TestWorkspace, variables: object) =>
  workspace.query(
    `mutation ($customer: ID!, $purpose: String!, $channel: String, $granted: Boolean!, $source: String) {
       setConsent(customer: $customer, purpose: $purpose, channel: $channel, granted: $granted, source: $source) {
         __typename
       }
     }`,
    variables,
  );

export const addTag = (workspace: TestWorkspace, customer: string, tag: string) =>
  workspace.query(
    `mutation ($ids: [ID!]!, $add: [String!]) {
       tagCustomers(customers: $ids, add: $add) { __typename }
     }`,
    { ids: [customer], add: [tag] },
  );
