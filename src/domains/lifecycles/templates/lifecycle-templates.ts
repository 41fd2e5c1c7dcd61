import { article000 } from './article-000.ts';
import { article001 } from './article-001.ts';
import { article002 } from './article-002.ts';
import { article003 } from './article-003.ts';
import { article004 } from './article-004.ts';
import type { LifecycleTemplate } from './lifecycle-template.ts';

/** One for each of the articles; all of them may be loaded into the same workspace. */
export const lifecycleTemplates: readonly LifecycleTemplate[] = [
  article000,
  article001,
  article002,
  article003,
  article004,
];

/** The template with this key, in any case. */
export const findTemplate = (key: string): LifecycleTemplate | undefined =>
  lifecycleTemplates.find((template) => template.key === key.trim().toUpperCase());
