/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What a key permits. */
export type ApiKeyScope =
  /** Does everything, and creates, lists and revokes API keys. */
  | 'ADMIN'
  /** Sends events from browsers with the tracking routes, and receives the result of each. Reads nothing. The key is public, so it has no other scope. */
  | 'COLLECT'
  /** Sends events from servers and receives the result of each. Reads nothing. */
  | 'INGEST'
  /** Reads and subscribes to everything except the API keys. */
  | 'READ'
  /** Changes settings, segments, tasks, customers, tags, consents and stages, and makes and undoes merges. Receives ids, counts and errors; reading the changed objects needs the scope READ. */
  | 'WRITE';

/** Risk bands: exactly one of `in` and `notIn`. */
export type BandCondition = {
  /** Has been in the present band for this duration or longer. Only with `in`. */
  forAtLeast?: unknown;
  in?: Array<RiskBand> | null | undefined;
  /** Is in none of these bands. Unassessed customers match. */
  notIn?: Array<RiskBand> | null | undefined;
};

/** The kinds of entries in the change log. Each has a type of its own. */
export type ChangeKind =
  | 'CHURN_RISK_BAND_CHANGED'
  | 'CHURN_RISK_CLEARED'
  | 'CHURN_RISK_FLAGGED'
  | 'CUSTOMER_CREATED'
  | 'CUSTOMER_MERGED'
  | 'CUSTOMER_UNMERGED'
  | 'SEGMENT_ENTERED'
  | 'SEGMENT_LEFT'
  | 'STAGE_CHANGED';

/** The consent of a customer to one purpose. */
export type ConsentCondition = {
  /** For example "email", case-sensitive. The latest decision about this channel or about all channels counts. Default: only decisions about all channels count. */
  channel?: string | null | undefined;
  is: ConsentState;
  /** For example "newsletter", case-sensitive. */
  purpose: string;
};

/** The state of a consent. */
export type ConsentState =
  /** The customer denied consent. */
  | 'DENIED'
  /** The customer granted consent. */
  | 'GRANTED'
  /** No decision is recorded. */
  | 'UNKNOWN';

/** An identity of a customer. For a merged customer, it refers to the surviving customer. */
export type CustomerBy =
  {   anonymousId: string; email?: never; id?: never; identity?: never; userId?: never; }
  |  { anonymousId?: never;   /** Case-insensitive. Of several customers with the address, the first that has not stated another one since. */
  email: string; id?: never; identity?: never; userId?: never; }
  |  { anonymousId?: never; email?: never;   /** The global id, or the plain uuid. */
  id: string; identity?: never; userId?: never; }
  |  { anonymousId?: never; email?: never; id?: never;   identity: IdentityInput; userId?: never; }
  |  { anonymousId?: never; email?: never; id?: never; identity?: never;   userId: string; };

/** Selects customers, in lists, segments and the rules of stages. At most 8 levels deep and 200 nodes. A comparison with an absent value is false, negated comparisons included: wrap it in `not` to match absent values. */
export type CustomerFilter =
  {   /** All must match. An empty list matches every customer. */
  all: Array<CustomerFilter>; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never;   /** At least one must match. An empty list matches no customer. */
  any: Array<CustomerFilter>; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never;   /** A consent of the customer. */
  consent: ConsentCondition; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never;   /** Events of the customer. */
  did: DidCondition; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never;   /** A fact derived from the events. */
  fact: FactCondition; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never;   /** An identity of the customer. */
  identity: IdentityCondition; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never;   /** The expected spending within one year, as of the last order or renewal, discounted by 10 % a year, in minor units. Later inactivity does not reduce it. Without an active model no customer matches. */
  lifetimeValue: NumberComparison; not?: never; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never;   /** Must not match. */
  not: CustomerFilter; risk?: never; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never;   /** The customer's churn risk. */
  risk: RiskCondition; segment?: never; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never;   /** The membership in segments. */
  segment: SegmentCondition; stage?: never; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never;   /** The stage in a lifecycle. */
  stage: StageCondition; tag?: never; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never;   /** The tags of the customer. */
  tag: TagCondition; trait?: never; }
  |  { all?: never; any?: never; consent?: never; did?: never; fact?: never; identity?: never; lifetimeValue?: never; not?: never; risk?: never; segment?: never; stage?: never; tag?: never;   /** A trait of the customer. */
  trait: TraitCondition; };

/** The order of customers. Ties are broken by id. */
export type CustomerOrder = {
  direction?: OrderDirection | null | undefined;
  field: CustomerOrderField;
};

/** The fields that customers can be sorted by. */
export type CustomerOrderField =
  /** When the customer was first seen. */
  | 'CREATED'
  | 'LAST_SEEN'
  /** Case-insensitive. Customers without a name come last. */
  | 'NAME'
  | 'NET_REVENUE'
  | 'ORDER_COUNT'
  /** The churn score, on all pages as of the time of the first page. Unassessed customers rank lowest. */
  | 'RISK'
  /** The churn score times the lifetime value of one year that remains after the inactivity so far. */
  | 'VALUE_AT_RISK';

/** Events of the customer with one of the names, of one kind, that match all of `where`, in the window. To find customers without such events, use `not` or a count of 0. */
export type DidCondition = {
  /** The names of the events, 1 to 100, case-sensitive. */
  event: Array<string>;
  /** Default: TRACK. */
  kind?: EventType | null | undefined;
  /** Default: at least one event. */
  measure?: DidMeasure | null | undefined;
  /** All must match. At most 20. */
  where?: Array<PropertyCondition> | null | undefined;
  /** Default: no time limit. */
  window?: DidWindow | null | undefined;
};

/** A measure of the matching events. */
export type DidMeasure =
  {   /** The number of events. */
  count: NumberComparison; distinct?: never; first?: never; last?: never; max?: never; min?: never; sum?: never; }
  |  { count?: never;   /** The number of distinct strings, numbers and booleans of a property. */
  distinct: PropertyMeasure; first?: never; last?: never; max?: never; min?: never; sum?: never; }
  |  { count?: never; distinct?: never;   /** When the first event happened. Absent if there are none. */
  first: InstantComparison; last?: never; max?: never; min?: never; sum?: never; }
  |  { count?: never; distinct?: never; first?: never;   /** When the last event happened. Absent if there are none. */
  last: InstantComparison; max?: never; min?: never; sum?: never; }
  |  { count?: never; distinct?: never; first?: never; last?: never;   /** The maximum of a property: numbers and decimals in strings count, other values are ignored. An amount of an order or refund (`total`, `revenue`, `tax`, `shipping`, `discount`) counts in major units with the decimals of its currency, and only if that is the workspace's or the one that `where` requires with `currency` equal to a code. Absent if there are none. */
  max: PropertyMeasure; min?: never; sum?: never; }
  |  { count?: never; distinct?: never; first?: never; last?: never; max?: never;   /** The minimum of a property: numbers and decimals in strings count, other values are ignored. An amount of an order or refund (`total`, `revenue`, `tax`, `shipping`, `discount`) counts in major units with the decimals of its currency, and only if that is the workspace's or the one that `where` requires with `currency` equal to a code. Absent if there are none. */
  min: PropertyMeasure; sum?: never; }
  |  { count?: never; distinct?: never; first?: never; last?: never; max?: never; min?: never;   /** The sum of a property: numbers and decimals in strings count, other values are ignored. An amount of an order or refund (`total`, `revenue`, `tax`, `shipping`, `discount`) counts in major units with the decimals of its currency, and only if that is the workspace's or the one that `where` requires with `currency` equal to a code. Zero if there are none. */
  sum: PropertyMeasure; };

/** The time window of the events. */
export type DidWindow =
  {   /** From `from`, inclusive, to `to`, exclusive. */
  between: InstantRange; within?: never; }
  |  { between?: never;   /** Less than this duration ago, exclusive. */
  within: unknown; };

/** The effect of an event on the facts of the customer, besides counting as activity. */
export type EventEffect =
  | 'LEAD'
  | 'ORDER'
  | 'ORDER_CANCELLED'
  | 'ORDER_UPDATED'
  | 'REFUND'
  | 'SIGN_UP'
  | 'SUBSCRIPTION_CANCELLED'
  | 'SUBSCRIPTION_RENEWED'
  | 'SUBSCRIPTION_STARTED'
  | 'VIEW';

/** A tracking call. It requires `userId` or `anonymousId`; a TRACK call also requires `event`. */
export type EventInput = {
  /** A generated id for an anonymous visitor. */
  anonymousId?: string | null | undefined;
  /** An object with the context of the event. */
  context?: unknown;
  /** TRACK: the name of the event, such as "Order Completed". */
  event?: string | null | undefined;
  /** GROUP: the id of the group. */
  groupId?: string | null | undefined;
  /** A unique id generated by the sender. Events with an id received before are ignored. */
  messageId?: string | null | undefined;
  /** PAGE and SCREEN: the name of the page or screen. */
  name?: string | null | undefined;
  /** ALIAS: the other id of the same customer. */
  previousId?: string | null | undefined;
  /** An object. Orders and refunds use `total` and `currency`. */
  properties?: unknown;
  /** When a pipeline that forwards the event received it (RFC 3339). `receivedAt` minus `sentAt` is the offset of the sender's clock. */
  receivedAt?: string | null | undefined;
  /** When the event was sent by the sender's clock (RFC 3339). If it is in the future, or `receivedAt` is set, the offset of that clock is corrected. */
  sentAt?: string | null | undefined;
  /** When the event happened (RFC 3339). Default: now. A time up to 24 hours in the future counts as now. */
  timestamp?: string | null | undefined;
  /** IDENTIFY and GROUP: an object. */
  traits?: unknown;
  type: EventType;
  /** The customer's id in your own system. */
  userId?: string | null | undefined;
};

/** The type of the tracking call. */
export type EventType =
  /** Two identities belong to one customer. */
  | 'ALIAS'
  /** The membership in a group, such as a company. */
  | 'GROUP'
  /** Identities and traits of a customer. */
  | 'IDENTIFY'
  /** A page view. */
  | 'PAGE'
  /** A screen view in an app. */
  | 'SCREEN'
  /** An action, described by its name. */
  | 'TRACK';

/** A fact of a customer, derived from all its events. */
export type FactCondition =
  {   /** Days with at least one event, in the workspace's time zone. */
  activeDays: NumberComparison; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never;   /** Gross revenue divided by the number of orders in the workspace's currency, in minor units and fractions of them. Absent without such orders. */
  averageOrderValue: NumberComparison; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never;   /** Number of events. */
  events: NumberComparison; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never;   /** The time of the first order. */
  firstOrderAt: InstantComparison; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never;   /** The first event. */
  firstSeenAt: InstantComparison; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never;   /** The sum of the orders in the workspace's currency, in minor units. */
  grossRevenue: NumberComparison; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never;   /** Known by a user id or an email address. */
  identified: boolean; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never;   /** The time of the latest order. */
  lastOrderAt: InstantComparison; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never;   /** The latest event. */
  lastSeenAt: InstantComparison; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never;   /** When the customer was captured as a lead or signed up, whichever came first. */
  leadAt: InstantComparison; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never;   /** Orders less refunds, in minor units. */
  netRevenue: NumberComparison; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never;   /** The number of orders, in any currency. */
  orderCount: NumberComparison; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never;   /** The sum of the refunds, in minor units. */
  refunded: NumberComparison; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never;   /** Sessions, as in `Customer.sessionCount`. */
  sessions: NumberComparison; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never;   /** When the customer signed up. */
  signedUpAt: InstantComparison; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never;   /** Whether the subscription was started or renewed, and not cancelled since. */
  subscribed: boolean; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never;   /** The time of the latest cancellation of the subscription, which may have started again since. */
  subscriptionCancelledAt: InstantComparison; subscriptionRenewals?: never; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never;   /** The number of renewals of the subscription. */
  subscriptionRenewals: NumberComparison; subscriptionRenewedAt?: never; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never;   /** The time of the latest renewal of the subscription. */
  subscriptionRenewedAt: InstantComparison; subscriptionStartedAt?: never; }
  |  { activeDays?: never; averageOrderValue?: never; events?: never; firstOrderAt?: never; firstSeenAt?: never; grossRevenue?: never; identified?: never; lastOrderAt?: never; lastSeenAt?: never; leadAt?: never; netRevenue?: never; orderCount?: never; refunded?: never; sessions?: never; signedUpAt?: never; subscribed?: never; subscriptionCancelledAt?: never; subscriptionRenewals?: never; subscriptionRenewedAt?: never;   /** The time of the latest start of the subscription. */
  subscriptionStartedAt: InstantComparison; };

/** A comparison of a time with fixed times. */
export type FixedInstantComparison =
  {   /** Later than this time. */
  after: string; before?: never; between?: never; exists?: never; }
  |  { after?: never;   /** Earlier than this time. */
  before: string; between?: never; exists?: never; }
  |  { after?: never; before?: never;   /** From `from`, inclusive, to `to`, exclusive. */
  between: InstantRange; exists?: never; }
  |  { after?: never; before?: never; between?: never;   /** True matches any value, false matches absent values. */
  exists: boolean; };

/** An identity of the customer. */
export type IdentityCondition = {
  /** See `Identity.kind`, for example "email". */
  kind: string;
  /** Default: any identity of the kind. */
  value?: TextComparison | null | undefined;
};

/** An identity of a customer. */
export type IdentityInput = {
  /** See `Identity.kind`. */
  kind: string;
  value: string;
};

/** A comparison of a time, fixed or relative to the present. A value exactly one duration ago matches `olderThan`, not `withinLast`. Absent values match only `exists: false`. */
export type InstantComparison =
  {   /** Later than this time. */
  after: string; before?: never; between?: never; exists?: never; olderThan?: never; withinLast?: never; withinNext?: never; }
  |  { after?: never;   /** Earlier than this time. */
  before: string; between?: never; exists?: never; olderThan?: never; withinLast?: never; withinNext?: never; }
  |  { after?: never; before?: never;   /** From `from`, inclusive, to `to`, exclusive. */
  between: InstantRange; exists?: never; olderThan?: never; withinLast?: never; withinNext?: never; }
  |  { after?: never; before?: never; between?: never;   /** True matches any value, false matches absent values. */
  exists: boolean; olderThan?: never; withinLast?: never; withinNext?: never; }
  |  { after?: never; before?: never; between?: never; exists?: never;   /** This duration ago or longer. */
  olderThan: unknown; withinLast?: never; withinNext?: never; }
  |  { after?: never; before?: never; between?: never; exists?: never; olderThan?: never;   /** In the past, less than this duration ago. */
  withinLast: unknown; withinNext?: never; }
  |  { after?: never; before?: never; between?: never; exists?: never; olderThan?: never; withinLast?: never;   /** In the future, at most this duration from now. */
  withinNext: unknown; };

/** A range of time. */
export type InstantRange = {
  /** Inclusive. */
  from: string;
  /** Exclusive. */
  to: string;
};

/** General phases of a customer lifecycle, which make stages of different lifecycles comparable. */
export type LifecyclePhase =
  | 'ACQUISITION'
  | 'ADVOCACY'
  | 'AWARENESS'
  | 'CHURN'
  | 'CONVERSION'
  | 'ENGAGEMENT'
  | 'EXPANSION'
  | 'LOYALTY'
  | 'ONBOARDING'
  | 'REACTIVATION'
  | 'RETENTION';

/** A comparison of a list. Only string elements are considered. */
export type ListComparison =
  {   /** Contains all of these, 1 to 100. */
  hasAll: Array<string>; hasAny?: never; }
  |  { hasAll?: never;   /** Contains at least one of these, 1 to 100. */
  hasAny: Array<string>; };

/** A comparison of a number. Amounts are in minor units (cents) of the workspace's currency. Absent values never match. */
export type NumberComparison =
  {   /** Greater than. */
  above: number; atLeast?: never; atMost?: never; below?: never; between?: never; equals?: never; notEquals?: never; }
  |  { above?: never;   /** Greater than or equal to. */
  atLeast: number; atMost?: never; below?: never; between?: never; equals?: never; notEquals?: never; }
  |  { above?: never; atLeast?: never;   /** Less than or equal to. */
  atMost: number; below?: never; between?: never; equals?: never; notEquals?: never; }
  |  { above?: never; atLeast?: never; atMost?: never;   /** Less than. */
  below: number; between?: never; equals?: never; notEquals?: never; }
  |  { above?: never; atLeast?: never; atMost?: never; below?: never;   /** Within a range, both ends inclusive. */
  between: NumberRange; equals?: never; notEquals?: never; }
  |  { above?: never; atLeast?: never; atMost?: never; below?: never; between?: never;   /** Equal to this value. */
  equals: number; notEquals?: never; }
  |  { above?: never; atLeast?: never; atMost?: never; below?: never; between?: never; equals?: never;   /** A different value of the same type. Absent values do not match. */
  notEquals: number; };

/** A range of numbers. */
export type NumberRange = {
  /** Inclusive. */
  from: number;
  /** Inclusive. */
  to: number;
};

/** Ascending or descending. */
export type OrderDirection =
  | 'ASC'
  | 'DESC';

/** A comparison of an event property. It matches only values of the given type. */
export type PropertyComparison =
  {   /** The value is this boolean. */
  boolean: boolean; date?: never; exists?: never; list?: never; number?: never; text?: never; }
  |  { boolean?: never;   /** The value is a date and matches this comparison: `YYYY-MM-DD` (midnight in the workspace's time zone) or RFC 3339 with an offset. */
  date: FixedInstantComparison; exists?: never; list?: never; number?: never; text?: never; }
  |  { boolean?: never; date?: never;   /** True matches any value of any type, false matches absent values and null. */
  exists: boolean; list?: never; number?: never; text?: never; }
  |  { boolean?: never; date?: never; exists?: never;   /** The value is a list and matches this comparison. */
  list: ListComparison; number?: never; text?: never; }
  |  { boolean?: never; date?: never; exists?: never; list?: never;   /** The value is a number and matches this comparison. */
  number: NumberComparison; text?: never; }
  |  { boolean?: never; date?: never; exists?: never; list?: never; number?: never;   /** The value is a string and matches this comparison. */
  text: TextComparison; };

/** A property of an event. */
export type PropertyCondition = {
  is: PropertyComparison;
  /** The name of a top-level property, case-sensitive. */
  name: string;
};

/** A number computed from one property of the events. */
export type PropertyMeasure = {
  is: NumberComparison;
  property: string;
};

/** The level of churn risk. The thresholds are derived from past outcomes in the workspace: see `ChurnModel.bands`. */
export type RiskBand =
  /** Most customers with this score become inactive. */
  | 'HIGH'
  /** Almost no customer with this score returns within the horizon. */
  | 'LAPSED'
  /** Normal risk. */
  | 'LOW'
  /** Inactivity is somewhat more likely than average in this workspace. */
  | 'MEDIUM';

/** The churn risk of a customer at the time of evaluation. Unassessed customers match only `band.notIn` and `flagged: false`. Without an active model every customer is unassessed. */
export type RiskCondition =
  {   band: BandCondition; flagged?: never; flaggedForAtLeast?: never; pAlive?: never; score?: never; }
  |  { band?: never;   /** Whether the customer is flagged as a churn risk. */
  flagged: boolean; flaggedForAtLeast?: never; pAlive?: never; score?: never; }
  |  { band?: never; flagged?: never;   /** Has been flagged for this duration or longer. */
  flaggedForAtLeast: unknown; pAlive?: never; score?: never; }
  |  { band?: never; flagged?: never; flaggedForAtLeast?: never;   /** P(will ever be active again). For subscribers, 1 until the subscription has ended. */
  pAlive: ShareComparison; score?: never; }
  |  { band?: never; flagged?: never; flaggedForAtLeast?: never; pAlive?: never;   /** P(no activity within the horizon) or, for subscribers, P(no next renewal), calibrated. For subscribers it is not available for the past. */
  score: ShareComparison; };

/** The membership in segments at the time of evaluation. */
export type SegmentCondition =
  {   /** Is in at least one of these segments: keys, 1 to 100, case-insensitive. */
  in: Array<string>; notIn?: never; }
  |  { in?: never;   /** Is in none of these segments: keys, 1 to 100, case-insensitive. */
  notIn: Array<string>; };

/** A comparison of a probability, 0 to 1. Exact equality is not available, because it changes with time. */
export type ShareComparison =
  {   /** Greater than or equal to. */
  atLeast: number; below?: never; between?: never; }
  |  { atLeast?: never;   /** Less than. */
  below: number; between?: never; }
  |  { atLeast?: never; below?: never;   /** From `from`, inclusive, to `to`, exclusive. */
  between: ShareRange; };

/** A range of probabilities, 0 to 1. */
export type ShareRange = {
  from: number;
  to: number;
};

/** A stage in one lifecycle: exactly one of `in` and `notIn`, and at most one of the time conditions. `notIn` matches the customers that `in` does not match. */
export type StageCondition = {
  /** Entered the present stage less than this duration ago. */
  enteredWithin?: unknown;
  /** Is or was in one of the stages. Only `true` is allowed. */
  ever?: boolean | null | undefined;
  /** Has been in the present stage for this duration or longer. */
  forAtLeast?: unknown;
  /** The keys of stages, 1 to 100, case-insensitive. */
  in?: Array<string> | null | undefined;
  /** The key of a lifecycle, case-insensitive. Default: the default lifecycle. */
  lifecycle?: string | null | undefined;
  /** The keys of stages, 1 to 100. Only with `within` or `ever`. */
  notIn?: Array<string> | null | undefined;
  /** Is in one of the stages, or left one less than this duration ago. */
  within?: unknown;
};

/** Why a stream cannot be resumed from a cursor. */
export type StreamResetReason =
  /** The cursor lies beyond the end of the log, which was restored from a backup. */
  | 'AHEAD_OF_LOG'
  /** The changes after the cursor have been deleted. */
  | 'TOO_OLD'
  /** The cursor belongs to another log than the present one. */
  | 'UNKNOWN_LOG';

/** The tags of a customer, case-sensitive. */
export type TagCondition =
  {   /** Has at least one of these tags, 1 to 100. */
  in: Array<string>; notIn?: never; }
  |  { in?: never;   /** Has none of these tags, 1 to 100. */
  notIn: Array<string>; };

/** A comparison of a string, case-sensitive. Absent values and other types never match. */
export type TextComparison =
  {   /** Contains this substring. */
  contains: string; endsWith?: never; equals?: never; in?: never; notEquals?: never; notIn?: never; startsWith?: never; }
  |  { contains?: never;   /** Ends with this string. */
  endsWith: string; equals?: never; in?: never; notEquals?: never; notIn?: never; startsWith?: never; }
  |  { contains?: never; endsWith?: never;   /** Equal to this value. */
  equals: string; in?: never; notEquals?: never; notIn?: never; startsWith?: never; }
  |  { contains?: never; endsWith?: never; equals?: never;   /** Equal to one of these, 1 to 100. */
  in: Array<string>; notEquals?: never; notIn?: never; startsWith?: never; }
  |  { contains?: never; endsWith?: never; equals?: never; in?: never;   /** A different value of the same type. Absent values do not match. */
  notEquals: string; notIn?: never; startsWith?: never; }
  |  { contains?: never; endsWith?: never; equals?: never; in?: never; notEquals?: never;   /** A string that equals none of these, 1 to 100. */
  notIn: Array<string>; startsWith?: never; }
  |  { contains?: never; endsWith?: never; equals?: never; in?: never; notEquals?: never; notIn?: never;   /** Starts with this string. */
  startsWith: string; };

/** The outcome of one event. */
export type TrackStatus =
  /** Stored and applied. */
  | 'ACCEPTED'
  /** Its `messageId` was received before. */
  | 'DUPLICATE'
  /** Not stored. See `code` and `message`. */
  | 'REFUSED';

/** A comparison of a trait. It matches only values of the given type. */
export type TraitComparison =
  {   /** The value is this boolean. */
  boolean: boolean; date?: never; exists?: never; list?: never; number?: never; text?: never; }
  |  { boolean?: never;   /** The value is a date and matches this comparison: `YYYY-MM-DD` (midnight in the workspace's time zone) or RFC 3339 with an offset. */
  date: InstantComparison; exists?: never; list?: never; number?: never; text?: never; }
  |  { boolean?: never; date?: never;   /** True matches any value of any type, false matches absent values and null. */
  exists: boolean; list?: never; number?: never; text?: never; }
  |  { boolean?: never; date?: never; exists?: never;   /** The value is a list and matches this comparison. */
  list: ListComparison; number?: never; text?: never; }
  |  { boolean?: never; date?: never; exists?: never; list?: never;   /** The value is a number and matches this comparison. */
  number: NumberComparison; text?: never; }
  |  { boolean?: never; date?: never; exists?: never; list?: never; number?: never;   /** The value is a string and matches this comparison. */
  text: TextComparison; };

/** The latest value of one trait from `identify` calls. */
export type TraitCondition = {
  is: TraitComparison;
  /** The name of the trait, case-sensitive. */
  name: string;
};

/** What caused a transition. */
export type TransitionCause =
  /** An event corrected a record, such as an order, that was reported before. */
  | 'CORRECTION'
  /** The rules changed. */
  | 'DEFINITION'
  /** An event changed the facts. */
  | 'EVENT'
  /** A user moved the customer, or changed a list that the rule uses. */
  | 'MANUAL'
  /** Two customers were merged. */
  | 'MERGE'
  /** A new risk model was activated. */
  | 'MODEL_REFIT'
  /** Time passed: a time limit of the rule was reached. */
  | 'TIME'
  /** A merge was undone. */
  | 'UNMERGE';

export type WorkspaceQueryVariables = Exact<{ [key: string]: never; }>;


export type WorkspaceQuery = { workspace: { id: string, name: string, timeZone: string, currency: string, createdAt: string, cursor: string, totals: { customers: number, orders: number, events: number, netRevenue: { amount: string, currency: string, formatted: string } } } };

export type MoneyPartsFragment = { amount: string, currency: string, formatted: string };

export type CustomerPartsFragment = { id: string, email: string | null, name: string | null, userId: string | null, identified: boolean, traits: unknown, firstSeenAt: string, lastSeenAt: string, eventCount: number, activeDays: number, sessionCount: number, leadAt: string | null, signedUpAt: string | null, orderCount: number, firstOrderAt: string | null, lastOrderAt: string | null, identities: Array<{ kind: string, value: string }>, grossRevenue: { amount: string, currency: string, formatted: string }, refunded: { amount: string, currency: string, formatted: string }, netRevenue: { amount: string, currency: string, formatted: string }, stages: Array<{ since: string, lifecycle: { key: string }, stage: { key: string, name: string, phase: LifecyclePhase } }> };

export type EventPartsFragment = { id: string, kind: EventType, name: string, effect: EventEffect | null, occurredAt: string, receivedAt: string, messageId: string, properties: unknown, amount: { amount: string, currency: string, formatted: string } | null };

export type CustomersQueryVariables = Exact<{
  where?: CustomerFilter | null | undefined;
  search?: string | null | undefined;
  orderBy?: CustomerOrder | null | undefined;
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
  events?: number | null | undefined;
}>;


export type CustomersQuery = { customers: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ cursor: string, node: { id: string, email: string | null, name: string | null, userId: string | null, identified: boolean, traits: unknown, firstSeenAt: string, lastSeenAt: string, eventCount: number, activeDays: number, sessionCount: number, leadAt: string | null, signedUpAt: string | null, orderCount: number, firstOrderAt: string | null, lastOrderAt: string | null, events: { edges: Array<{ cursor: string, node: { id: string, kind: EventType, name: string, effect: EventEffect | null, occurredAt: string, receivedAt: string, messageId: string, properties: unknown, amount: { amount: string, currency: string, formatted: string } | null } }> }, identities: Array<{ kind: string, value: string }>, grossRevenue: { amount: string, currency: string, formatted: string }, refunded: { amount: string, currency: string, formatted: string }, netRevenue: { amount: string, currency: string, formatted: string }, stages: Array<{ since: string, lifecycle: { key: string }, stage: { key: string, name: string, phase: LifecyclePhase } }> } }> } };

export type CustomerQueryVariables = Exact<{
  by: CustomerBy;
  lifecycle?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CustomerQuery = { customer: { id: string, email: string | null, name: string | null, userId: string | null, identified: boolean, traits: unknown, firstSeenAt: string, lastSeenAt: string, eventCount: number, activeDays: number, sessionCount: number, leadAt: string | null, signedUpAt: string | null, orderCount: number, firstOrderAt: string | null, lastOrderAt: string | null, subscription: { startedAt: string | null, renewedAt: string | null, renewals: number, cancelledAt: string | null, active: boolean } | null, foreignRevenue: Array<{ currency: string, gross: { amount: string, currency: string, formatted: string }, refunded: { amount: string, currency: string, formatted: string }, net: { amount: string, currency: string, formatted: string } }>, stage: { since: string, stage: { key: string } } | null, merges: Array<{ id: string, at: string, undoneAt: string | null, from: { id: string } }>, timeline: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<
        | { __typename: 'ChurnRiskBandChanged', cursor: string, at: string, recordedAt: string }
        | { __typename: 'ChurnRiskCleared', cursor: string, at: string, recordedAt: string }
        | { __typename: 'ChurnRiskFlagged', cursor: string, at: string, recordedAt: string }
        | { __typename: 'CustomerCreated', cursor: string, at: string, recordedAt: string }
        | { __typename: 'CustomerMerged', cursor: string, at: string, recordedAt: string, fromId: string, intoId: string }
        | { __typename: 'CustomerUnmerged', cursor: string, at: string, recordedAt: string, fromId: string, intoId: string }
        | { __typename: 'Event', id: string, kind: EventType, name: string, effect: EventEffect | null, occurredAt: string, receivedAt: string, messageId: string, properties: unknown, amount: { amount: string, currency: string, formatted: string } | null }
        | { __typename: 'SegmentEntered', cursor: string, at: string, recordedAt: string }
        | { __typename: 'SegmentLeft', cursor: string, at: string, recordedAt: string }
        | { __typename: 'StageChanged', cursor: string, at: string, recordedAt: string, fromKey: string | null, toKey: string | null, cause: TransitionCause, late: boolean }
      > }, identities: Array<{ kind: string, value: string }>, grossRevenue: { amount: string, currency: string, formatted: string }, refunded: { amount: string, currency: string, formatted: string }, netRevenue: { amount: string, currency: string, formatted: string }, stages: Array<{ since: string, lifecycle: { key: string }, stage: { key: string, name: string, phase: LifecyclePhase } }> } | null };

export type CustomerTransitionsQueryVariables = Exact<{
  by: CustomerBy;
  lifecycle?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CustomerTransitionsQuery = { customer: { id: string, transitions: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ cursor: string, fromKey: string | null, toKey: string | null, at: string, recordedAt: string, cause: TransitionCause, late: boolean, rule: unknown, customer: { id: string }, lifecycle: { key: string } | null, from: { key: string } | null, to: { key: string } | null, evidence: { id: string, name: string } | null }> } } | null };

export type TransitionPartsFragment = { cursor: string, fromKey: string | null, toKey: string | null, at: string, recordedAt: string, cause: TransitionCause, late: boolean, rule: unknown, customer: { id: string }, lifecycle: { key: string } | null, from: { key: string } | null, to: { key: string } | null, evidence: { id: string, name: string } | null };

export type NodeQueryVariables = Exact<{
  id: string;
}>;


export type NodeQuery = { node:
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'Customer', id: string }
    | { __typename: 'Event', id: string }
    | { __typename: 'Lifecycle', id: string }
    | { __typename: 'Member', id: string }
    | { __typename: 'Merge', id: string }
    | { __typename: 'Order', id: string }
    | { __typename: 'RejectedEvent', id: string }
    | { __typename: 'Segment', id: string }
    | { __typename: 'Stage', id: string }
    | { __typename: 'Task', id: string }
    | { __typename: 'Team', id: string }
    | { __typename: 'Workspace', id: string }
   | null };

export type NodesQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type NodesQuery = { nodes: Array<
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'Customer', id: string }
    | { __typename: 'Event', id: string }
    | { __typename: 'Lifecycle', id: string }
    | { __typename: 'Member', id: string }
    | { __typename: 'Merge', id: string }
    | { __typename: 'Order', id: string }
    | { __typename: 'RejectedEvent', id: string }
    | { __typename: 'Segment', id: string }
    | { __typename: 'Stage', id: string }
    | { __typename: 'Task', id: string }
    | { __typename: 'Team', id: string }
    | { __typename: 'Workspace', id: string }
   | null> };

export type LifecyclesQueryVariables = Exact<{ [key: string]: never; }>;


export type LifecyclesQuery = { lifecycles: Array<{ id: string, key: string, name: string, isDefault: boolean, version: number, customerCount: number, stages: Array<{ id: string, key: string, name: string, description: string, phase: LifecyclePhase, ordinal: number, entry: unknown, customerCount: number }> }> };

export type LifecycleCountsQueryVariables = Exact<{
  key?: string | null | undefined;
}>;


export type LifecycleCountsQuery = { lifecycle: { key: string, customerCount: number, stages: Array<{ key: string, customerCount: number }> } | null };

export type StagesQueryVariables = Exact<{
  lifecycle?: string | null | undefined;
}>;


export type StagesQuery = { stages: Array<{ key: string, name: string, phase: LifecyclePhase, ordinal: number, lifecycle: { key: string } }> };

export type TransitionsQueryVariables = Exact<{
  lifecycle?: string | null | undefined;
  from?: string | null | undefined;
  to?: string | null | undefined;
  customer?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type TransitionsQuery = { transitions: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ cursor: string, fromKey: string | null, toKey: string | null, at: string, recordedAt: string, cause: TransitionCause, late: boolean, rule: unknown, customer: { id: string }, lifecycle: { key: string } | null, from: { key: string } | null, to: { key: string } | null, evidence: { id: string, name: string } | null }> } };

type ChangeParts_ChurnRiskBandChanged_Fragment = { __typename: 'ChurnRiskBandChanged', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_ChurnRiskCleared_Fragment = { __typename: 'ChurnRiskCleared', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_ChurnRiskFlagged_Fragment = { __typename: 'ChurnRiskFlagged', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_CustomerCreated_Fragment = { __typename: 'CustomerCreated', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_CustomerMerged_Fragment = { __typename: 'CustomerMerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } };

type ChangeParts_CustomerUnmerged_Fragment = { __typename: 'CustomerUnmerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } };

type ChangeParts_SegmentEntered_Fragment = { __typename: 'SegmentEntered', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_SegmentLeft_Fragment = { __typename: 'SegmentLeft', cursor: string, at: string, recordedAt: string, customer: { id: string } };

type ChangeParts_StageChanged_Fragment = { __typename: 'StageChanged', cursor: string, at: string, recordedAt: string, fromKey: string | null, toKey: string | null, late: boolean, cause: TransitionCause, customer: { id: string, email: string | null }, lifecycle: { key: string } | null, event: { id: string, name: string } | null };

export type ChangePartsFragment =
  | ChangeParts_ChurnRiskBandChanged_Fragment
  | ChangeParts_ChurnRiskCleared_Fragment
  | ChangeParts_ChurnRiskFlagged_Fragment
  | ChangeParts_CustomerCreated_Fragment
  | ChangeParts_CustomerMerged_Fragment
  | ChangeParts_CustomerUnmerged_Fragment
  | ChangeParts_SegmentEntered_Fragment
  | ChangeParts_SegmentLeft_Fragment
  | ChangeParts_StageChanged_Fragment
;

export type StageChangedPartsFragment = { cursor: string, at: string, fromKey: string | null, toKey: string | null, late: boolean, cause: TransitionCause, customer: { id: string, email: string | null }, lifecycle: { key: string } | null, event: { id: string, name: string } | null };

export type StreamResetPartsFragment = { reason: StreamResetReason, cursor: string, at: string };

export type ChangesQueryVariables = Exact<{
  after?: string | null | undefined;
  kinds?: Array<ChangeKind> | ChangeKind | null | undefined;
  first?: number | null | undefined;
}>;


export type ChangesQuery = { changes:
    | { __typename: 'ChangePage', cursor: string, hasMore: boolean, changes: Array<
        | { __typename: 'ChurnRiskBandChanged', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'ChurnRiskCleared', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'ChurnRiskFlagged', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'CustomerCreated', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'CustomerMerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } }
        | { __typename: 'CustomerUnmerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } }
        | { __typename: 'SegmentEntered', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'SegmentLeft', cursor: string, at: string, recordedAt: string, customer: { id: string } }
        | { __typename: 'StageChanged', cursor: string, at: string, recordedAt: string, fromKey: string | null, toKey: string | null, late: boolean, cause: TransitionCause, customer: { id: string, email: string | null }, lifecycle: { key: string } | null, event: { id: string, name: string } | null }
      > }
    | { __typename: 'StreamReset', reason: StreamResetReason, cursor: string, at: string }
   };

export type TrackMutationVariables = Exact<{
  events: Array<EventInput> | EventInput;
}>;


export type TrackMutation = { track: { accepted: number, duplicates: number, refused: number, results: Array<{ index: number, status: TrackStatus, messageId: string | null, code: string | null, message: string | null }> } };

export type UndoMergeMutationVariables = Exact<{
  merge: string;
}>;


export type UndoMergeMutation = { undoMerge:
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'UndoMergePayload', customer: { id: string } }
   };

export type ApiKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiKeysQuery = { apiKeys: Array<{ id: string, name: string, lastFour: string, scopes: Array<ApiKeyScope>, createdAt: string, lastUsedAt: string | null, revokedAt: string | null }> };

export type ApiKeyPartsFragment = { id: string, name: string, lastFour: string, scopes: Array<ApiKeyScope>, createdAt: string, lastUsedAt: string | null, revokedAt: string | null };

export type CreateApiKeyMutationVariables = Exact<{
  name: string;
  scopes: Array<ApiKeyScope> | ApiKeyScope;
}>;


export type CreateApiKeyMutation = { createApiKey:
    | { __typename: 'CreateApiKeyPayload', key: string, apiKey: { id: string, name: string, lastFour: string, scopes: Array<ApiKeyScope>, createdAt: string, lastUsedAt: string | null, revokedAt: string | null } }
    | { __typename: 'InvalidInput', code: string, message: string }
   };

export type RevokeApiKeyMutationVariables = Exact<{
  id: string;
}>;


export type RevokeApiKeyMutation = { revokeApiKey:
    | { __typename: 'NotFound', code: string, message: string }
    | { __typename: 'RevokeApiKeyPayload', apiKey: { id: string, name: string, lastFour: string, scopes: Array<ApiKeyScope>, createdAt: string, lastUsedAt: string | null, revokedAt: string | null } }
   };

export type OnStageChangedSubscriptionVariables = Exact<{
  lifecycle?: string | null | undefined;
  from?: Array<string> | string | null | undefined;
  to?: Array<string> | string | null | undefined;
  customer?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type OnStageChangedSubscription = { stageChanged:
    | { __typename: 'StageChanged', cursor: string, at: string, fromKey: string | null, toKey: string | null, late: boolean, cause: TransitionCause, customer: { id: string, email: string | null }, lifecycle: { key: string } | null, event: { id: string, name: string } | null }
    | { __typename: 'StreamReset', reason: StreamResetReason, cursor: string, at: string }
   };

export type OnChangeSubscriptionVariables = Exact<{
  kinds?: Array<ChangeKind> | ChangeKind | null | undefined;
  after?: string | null | undefined;
}>;


export type OnChangeSubscription = { changes:
    | { __typename: 'ChurnRiskBandChanged', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'ChurnRiskCleared', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'ChurnRiskFlagged', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'CustomerCreated', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'CustomerMerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } }
    | { __typename: 'CustomerUnmerged', fromId: string, intoId: string, cursor: string, at: string, recordedAt: string, merge: { id: string } | null, customer: { id: string } }
    | { __typename: 'SegmentEntered', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'SegmentLeft', cursor: string, at: string, recordedAt: string, customer: { id: string } }
    | { __typename: 'StageChanged', cursor: string, at: string, recordedAt: string, fromKey: string | null, toKey: string | null, late: boolean, cause: TransitionCause, customer: { id: string, email: string | null }, lifecycle: { key: string } | null, event: { id: string, name: string } | null }
    | { __typename: 'StreamReset', reason: StreamResetReason, cursor: string, at: string }
   };

export const MoneyPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]} as unknown as DocumentNode<MoneyPartsFragment, unknown>;
export const CustomerPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CustomerParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Customer"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"identified"}},{"kind":"Field","name":{"kind":"Name","value":"traits"}},{"kind":"Field","name":{"kind":"Name","value":"identities"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"firstSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"eventCount"}},{"kind":"Field","name":{"kind":"Name","value":"activeDays"}},{"kind":"Field","name":{"kind":"Name","value":"sessionCount"}},{"kind":"Field","name":{"kind":"Name","value":"leadAt"}},{"kind":"Field","name":{"kind":"Name","value":"signedUpAt"}},{"kind":"Field","name":{"kind":"Name","value":"orderCount"}},{"kind":"Field","name":{"kind":"Name","value":"firstOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"grossRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refunded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"netRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}}]}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]} as unknown as DocumentNode<CustomerPartsFragment, unknown>;
export const EventPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"messageId"}},{"kind":"Field","name":{"kind":"Name","value":"properties"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]} as unknown as DocumentNode<EventPartsFragment, unknown>;
export const TransitionPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"TransitionParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Transition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"from"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"to"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"rule"}},{"kind":"Field","name":{"kind":"Name","value":"evidence"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<TransitionPartsFragment, unknown>;
export const StageChangedPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StageChangedParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<StageChangedPartsFragment, unknown>;
export const ChangePartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ChangeParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Change"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerMerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerUnmerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StageChangedParts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StageChangedParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<ChangePartsFragment, unknown>;
export const StreamResetPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StreamResetParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]} as unknown as DocumentNode<StreamResetPartsFragment, unknown>;
export const ApiKeyPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ApiKeyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ApiKey"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastUsedAt"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]} as unknown as DocumentNode<ApiKeyPartsFragment, unknown>;
export const WorkspaceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"timeZone"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"totals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"}},{"kind":"Field","name":{"kind":"Name","value":"orders"}},{"kind":"Field","name":{"kind":"Name","value":"events"}},{"kind":"Field","name":{"kind":"Name","value":"netRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]} as unknown as DocumentNode<WorkspaceQuery, WorkspaceQueryVariables>;
export const CustomersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Customers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerOrder"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"events"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CustomerParts"}},{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"events"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventParts"}}]}}]}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CustomerParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Customer"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"identified"}},{"kind":"Field","name":{"kind":"Name","value":"traits"}},{"kind":"Field","name":{"kind":"Name","value":"identities"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"firstSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"eventCount"}},{"kind":"Field","name":{"kind":"Name","value":"activeDays"}},{"kind":"Field","name":{"kind":"Name","value":"sessionCount"}},{"kind":"Field","name":{"kind":"Name","value":"leadAt"}},{"kind":"Field","name":{"kind":"Name","value":"signedUpAt"}},{"kind":"Field","name":{"kind":"Name","value":"orderCount"}},{"kind":"Field","name":{"kind":"Name","value":"firstOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"grossRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refunded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"netRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}}]}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"messageId"}},{"kind":"Field","name":{"kind":"Name","value":"properties"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}}]}}]} as unknown as DocumentNode<CustomersQuery, CustomersQueryVariables>;
export const CustomerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Customer"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"by"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerBy"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"20"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customer"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"by"},"value":{"kind":"Variable","name":{"kind":"Name","value":"by"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CustomerParts"}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"renewedAt"}},{"kind":"Field","name":{"kind":"Name","value":"renewals"}},{"kind":"Field","name":{"kind":"Name","value":"cancelledAt"}},{"kind":"Field","name":{"kind":"Name","value":"active"}}]}},{"kind":"Field","name":{"kind":"Name","value":"foreignRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"gross"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refunded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"net"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"stage"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"lifecycle"},"value":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}},{"kind":"Field","name":{"kind":"Name","value":"merges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"undoneAt"}},{"kind":"Field","name":{"kind":"Name","value":"from"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"timeline"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventParts"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Change"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"late"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerMerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerUnmerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MoneyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Money"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currency"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CustomerParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Customer"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"identified"}},{"kind":"Field","name":{"kind":"Name","value":"traits"}},{"kind":"Field","name":{"kind":"Name","value":"identities"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"firstSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"eventCount"}},{"kind":"Field","name":{"kind":"Name","value":"activeDays"}},{"kind":"Field","name":{"kind":"Name","value":"sessionCount"}},{"kind":"Field","name":{"kind":"Name","value":"leadAt"}},{"kind":"Field","name":{"kind":"Name","value":"signedUpAt"}},{"kind":"Field","name":{"kind":"Name","value":"orderCount"}},{"kind":"Field","name":{"kind":"Name","value":"firstOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastOrderAt"}},{"kind":"Field","name":{"kind":"Name","value":"grossRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refunded"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"netRevenue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"stage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}}]}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"messageId"}},{"kind":"Field","name":{"kind":"Name","value":"properties"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MoneyParts"}}]}}]}}]} as unknown as DocumentNode<CustomerQuery, CustomerQueryVariables>;
export const CustomerTransitionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CustomerTransitions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"by"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerBy"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"20"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customer"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"by"},"value":{"kind":"Variable","name":{"kind":"Name","value":"by"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"transitions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"lifecycle"},"value":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"TransitionParts"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"TransitionParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Transition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"from"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"to"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"rule"}},{"kind":"Field","name":{"kind":"Name","value":"evidence"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<CustomerTransitionsQuery, CustomerTransitionsQueryVariables>;
export const NodeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Node"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<NodeQuery, NodeQueryVariables>;
export const NodesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Nodes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<NodesQuery, NodesQueryVariables>;
export const LifecyclesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Lifecycles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"lifecycles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isDefault"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"customerCount"}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}},{"kind":"Field","name":{"kind":"Name","value":"ordinal"}},{"kind":"Field","name":{"kind":"Name","value":"entry"}},{"kind":"Field","name":{"kind":"Name","value":"customerCount"}}]}}]}}]}}]} as unknown as DocumentNode<LifecyclesQuery, LifecyclesQueryVariables>;
export const LifecycleCountsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LifecycleCounts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"key"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"key"},"value":{"kind":"Variable","name":{"kind":"Name","value":"key"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"customerCount"}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"customerCount"}}]}}]}}]}}]} as unknown as DocumentNode<LifecycleCountsQuery, LifecycleCountsQueryVariables>;
export const StagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Stages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stages"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"lifecycle"},"value":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}},{"kind":"Field","name":{"kind":"Name","value":"ordinal"}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}}]}}]}}]} as unknown as DocumentNode<StagesQuery, StagesQueryVariables>;
export const TransitionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Transitions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"from"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"to"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customer"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"20"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transitions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"lifecycle"},"value":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}}},{"kind":"Argument","name":{"kind":"Name","value":"from"},"value":{"kind":"Variable","name":{"kind":"Name","value":"from"}}},{"kind":"Argument","name":{"kind":"Name","value":"to"},"value":{"kind":"Variable","name":{"kind":"Name","value":"to"}}},{"kind":"Argument","name":{"kind":"Name","value":"customer"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customer"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"TransitionParts"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"TransitionParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Transition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"from"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"to"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"rule"}},{"kind":"Field","name":{"kind":"Name","value":"evidence"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<TransitionsQuery, TransitionsQueryVariables>;
export const ChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Changes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"kinds"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangeKind"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"kinds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"kinds"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ChangePage"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"hasMore"}},{"kind":"Field","name":{"kind":"Name","value":"changes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ChangeParts"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StreamResetParts"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StageChangedParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ChangeParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Change"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerMerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerUnmerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StageChangedParts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StreamResetParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]} as unknown as DocumentNode<ChangesQuery, ChangesQueryVariables>;
export const TrackDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Track"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"events"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EventInput"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"track"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"events"},"value":{"kind":"Variable","name":{"kind":"Name","value":"events"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accepted"}},{"kind":"Field","name":{"kind":"Name","value":"duplicates"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"results"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"messageId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<TrackMutation, TrackMutationVariables>;
export const UndoMergeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UndoMerge"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"merge"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"undoMerge"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"merge"},"value":{"kind":"Variable","name":{"kind":"Name","value":"merge"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UndoMergePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Refusal"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<UndoMergeMutation, UndoMergeMutationVariables>;
export const ApiKeysDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ApiKeys"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"apiKeys"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ApiKeyParts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ApiKeyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ApiKey"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastUsedAt"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]} as unknown as DocumentNode<ApiKeysQuery, ApiKeysQueryVariables>;
export const CreateApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"scopes"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ApiKeyScope"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"Argument","name":{"kind":"Name","value":"scopes"},"value":{"kind":"Variable","name":{"kind":"Name","value":"scopes"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ApiKeyParts"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Refusal"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ApiKeyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ApiKey"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastUsedAt"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]} as unknown as DocumentNode<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RevokeApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"revokeApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ApiKeyParts"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Refusal"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ApiKeyParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ApiKey"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"lastFour"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastUsedAt"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]} as unknown as DocumentNode<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const OnStageChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OnStageChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"from"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"to"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customer"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stageChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"lifecycle"},"value":{"kind":"Variable","name":{"kind":"Name","value":"lifecycle"}}},{"kind":"Argument","name":{"kind":"Name","value":"from"},"value":{"kind":"Variable","name":{"kind":"Name","value":"from"}}},{"kind":"Argument","name":{"kind":"Name","value":"to"},"value":{"kind":"Variable","name":{"kind":"Name","value":"to"}}},{"kind":"Argument","name":{"kind":"Name","value":"customer"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customer"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StageChangedParts"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StreamResetParts"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StageChangedParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StreamResetParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]} as unknown as DocumentNode<OnStageChangedSubscription, OnStageChangedSubscriptionVariables>;
export const OnChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OnChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"kinds"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangeKind"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"kinds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"kinds"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"ChangeParts"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StreamResetParts"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StageChangedParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromKey"}},{"kind":"Field","name":{"kind":"Name","value":"toKey"}},{"kind":"Field","name":{"kind":"Name","value":"late"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ChangeParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Change"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"recordedAt"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerMerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerUnmerged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fromId"}},{"kind":"Field","name":{"kind":"Name","value":"intoId"}},{"kind":"Field","name":{"kind":"Name","value":"merge"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StageChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"StageChangedParts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"StreamResetParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"StreamReset"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]} as unknown as DocumentNode<OnChangeSubscription, OnChangeSubscriptionVariables>;