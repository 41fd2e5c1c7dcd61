import { z } from 'zod';
import { parseDuration } from '../../platform/time/duration.ts';
import { parseInstant } from '../../platform/time/instant.ts';

const text = z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters');

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

/** From one bound to another that is not below it. Instants were parsed, so that their texts are in order too. */
const range = <Value extends number | string>(bound: z.ZodType<Value>) =>
  z
    .strictObject({ from: bound, to: bound })
    .superRefine((bounds: { from: Value; to: Value }, ctx) => {
      if (bounds.from <= bounds.to) return;
      const message = `\`from\` (${bounds.from}) must not be after \`to\` (${bounds.to})`;
      ctx.addIssue({ code: 'custom', message });
    });

/** What the inputs of clauses are made of. */
export const shape = {
  text,
  texts: z.array(text).min(1).max(100),
  number: z.number().refine(Number.isFinite, 'must be a finite number'),
  instant,
  duration,
  range,
  oneOf,
};
