/** One name a customer is known by. The kinds in order of strength: who signs in is surest. */
export interface Name {
  kind: NameKind;
  value: string;
}

/** `user_id`, `email`, `anonymous_id`, or a partner's own id as `external:<type>`. */
export type NameKind = 'user_id' | 'email' | 'anonymous_id' | `external:${string}`;

export const nameKey = ({ kind, value }: Name) => `${kind}\n${value}`;
