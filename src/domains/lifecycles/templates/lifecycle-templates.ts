import { acquisitionToAdvocacy } from './acquisition-to-advocacy.ts';
import { awarenessToLoyalty } from './awareness-to-loyalty.ts';
import { awarenessToRetention } from './awareness-to-retention.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';
import { possessionAndTurning } from './possession-and-turning.ts';
import { reachToLoyalty } from './reach-to-loyalty.ts';

/** One template per article. A workspace may use all of them at once. */
export const lifecycleTemplates: readonly LifecycleTemplate[] = [
  reachToLoyalty,
  awarenessToLoyalty,
  possessionAndTurning,
  acquisitionToAdvocacy,
  awarenessToRetention,
];

/** The template with this key, case-insensitive. */
export const findTemplate = (key: string): LifecycleTemplate | undefined =>
  lifecycleTemplates.find((template) => template.key === key.trim().toUpperCase());
