/** A name by which a customer is known. */
export interface Name {
  kind: NameKind;
  value: string;
}

/** A partner's id has the kind `external:<type>`. A `user_id` is the strongest name: its user has signed in. */
export type NameKind = 'user_id' | 'email' | 'anonymous_id' | `external:${string}`;

export const nameKey = ({ kind, value }: Name) => `${kind}\n${value}`;
