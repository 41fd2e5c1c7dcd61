/** Reads the key from an `Authorization` header: `Bearer <key>`, or on tracking routes Basic with the key as user name. */
export function keyFromHeader(
  header: string | null | undefined,
  { basic }: { basic: boolean },
): string | undefined {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/, 2);
  if (scheme.toLowerCase() === 'bearer') return value || undefined;
  if (!basic || scheme.toLowerCase() !== 'basic') return undefined;
  const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':', 1);
  return user;
}
