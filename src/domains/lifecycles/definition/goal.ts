import { z } from 'zod';
import { InvalidInput } from '../../../platform/errors.ts';

const maxGoals = 20;

const Goal = z.strictObject({
  metric: z
    .string()
    .trim()
    .regex(/^[A-Za-z][A-Za-z0-9_.]{0,63}$/, 'must be the key of a metric, such as "repeat_rate"'),
  comparison: z.enum(['atLeast', 'atMost']),
  value: z.number(),
  unit: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,32}$/u, 'must have 1 to 32 characters')
    .nullish()
    .transform((unit) => unit ?? null),
});

/** A target of a stage: the key of a metric and the value that the metric should reach. */
export type Goal = z.output<typeof Goal>;

const Goals = z.array(Goal).max(maxGoals, `must have at most ${maxGoals} goals`);

/** Parses goals as received. @throws InvalidInput naming the path to the first error */
export function parseGoals(value: unknown, path = 'goals'): Goal[] {
  const parsed = Goals.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const location = [path, ...(issue?.path ?? [])].map(String).join('.');
  throw new InvalidInput(`${location}: ${issue?.message ?? 'must be a list of goals'}.`);
}
