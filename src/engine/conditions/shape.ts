import { z } from 'zod';
import { parseDuration } from '../../platform/time/duration.ts';
import { parseInstant } from '../../platform/time/instant.ts';

const text = z.string().min(1).max(256);

/** In the spelling that PostgreSQL reads; it does not know all of RFC 3339. */
const instant = z
  .custom<string>((given) => parseInstant(given) !== undefined, 'must be an RFC 3339 date and time')
  .transform((given) => parseInstant(given)?.toISOString() ?? given);

const duration = z.string().superRefine((given, ctx) => {
  const parsed = parseDuration(given);
  if (typeof parsed === 'string') ctx.addIssue({ code: 'custom', message: parsed });
});

const oneOf = <Shape extends z.ZodRawShape>(fields: Shape) =>
  z
    .strictObject(fields)
    .partial()
    .refine((given) => Object.values(given).filter((part) => part !== undefined).length === 1, {
      error: `must have exactly one of: ${Object.keys(fields).join(', ')}`,
    });

/** What the inputs of clauses are made of. */
export const shape = {
  text,
  texts: z.array(text).min(1).max(100),
  number: z.number().refine(Number.isFinite, 'must be a finite number'),
  instant,
  duration,
  range: <Bound extends z.ZodType>(bound: Bound) => z.strictObject({ from: bound, to: bound }),
  oneOf,
};
