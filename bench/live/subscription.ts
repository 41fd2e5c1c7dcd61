/** What a dashboard shows of a stage change: frames of about 330 bytes. */
export const stageChanges = `subscription ($after: Cursor, $customer: ID) {
  stageChanged(after: $after, customer: $customer) {
    ... on StageChanged {
      at recordedAt cursor fromKey toKey customer { id name orderCount }
    }
  }
}`;

/** The time of an event that is dated today, so that it makes nothing fall due during a run. */
const timestamp = () => new Date().toISOString();

/** The first order of a new customer: one stage change. */
export const firstOrder = (customer: string) => orderOf(customer, 'first');

export const orderOf = (customer: string, name: string) => ({
  type: 'track',
  event: 'Order Completed',
  userId: customer,
  messageId: `${customer}-${name}`,
  timestamp: timestamp(),
  properties: { total: 12.34, currency: 'USD' },
});

/** The first visit of an unknown customer. */
export const visitOf = (customer: string) => ({
  type: 'page',
  anonymousId: customer,
  messageId: `${customer}-visit`,
  timestamp: timestamp(),
});

/** Identifies a visitor: the move to ACQUISITION. */
export const signUpOf = (customer: string) => ({
  type: 'identify',
  anonymousId: customer,
  userId: customer,
  messageId: `${customer}-sign-up`,
  timestamp: timestamp(),
});
