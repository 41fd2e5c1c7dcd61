/** A name by which a customer is known. */
export interface Name {
  kind: NameKind;
  value: string;
}

/**
 * A partner's id has the kind `external:<type>`. A `user_id` is the strongest name: its user has signed in. The key of a
 * record of one person, such as an order, is no name, but it is evidence as one: it is looked up and not stored.
 */
export type NameKind =
  | 'user_id'
  | 'email'
  | 'anonymous_id'
  | `external:${string}`
  | `record:${string}`;

/** The address that a value states, as names compare it; undefined if it is none. */
export function parseAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 256) return undefined;
  const address = value.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined;
}

/** The e-mail address that a customer stated last, by `identify`. */
export interface StatedAddress {
  /** Undefined if it removed its address. */
  address: string | undefined;
  /** In ms. */
  at: number;
}

export const nameKey = ({ kind, value }: Name) => `${kind}\n${value}`;
