import { z } from 'zod';
import { InvalidInput } from '../../platform/errors.ts';

const maxGoals = 20;

const Goal = z.strictObject({
  metric: z
    .string()
    .trim()
    .regex(/^[A-Za-z][A-Za-z0-9_.]{0,63}$/, 'is the key of a metric, such as "repeat_rate"'),
  comparison: z.enum(['atLeast', 'atMost']),
  value: z.number(),
  unit: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,32}$/u, 'has 1 to 32 characters')
    .nullish()
    .transform((unit) => unit ?? null),
});

/** What is to be reached in a stage: a metric, known by its key, and the value it is to have. */
export type Goal = z.output<typeof Goal>;

const Goals = z.array(Goal).max(maxGoals, `has at most ${maxGoals} goals`);

/** Checks goals as received. @throws InvalidInput naming the path to the first fault */
export function parseGoals(value: unknown, path = 'goals'): Goal[] {
  const parsed = Goals.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const location = [path, ...(issue?.path ?? [])].map(String).join('.');
  throw new InvalidInput(`${location}: ${issue?.message ?? 'is no list of goals'}.`);
}
