import type { JobKind } from '../platform/jobs/job.ts';
import type { BuildSubjectKind } from './builds/build-subject.ts';

/** What a domain hands to the engine. Each part is described beside the engine part that uses it. */
export interface Extension {
  /** The domain's folder. */
  name: string;
  /** Its background work. */
  jobs?: readonly JobKind[];
  /** The kinds of definitions that are built for all customers in the background. */
  buildSubjects?: readonly BuildSubjectKind[];
}

let installed: readonly Extension[] | undefined;

/**
 * Hands the domains to the engine, once for each process or thread and before anything else of the engine
 * runs. The order is that of the domains: later ones may use earlier ones.
 */
export function installExtensions(extensions: readonly Extension[]): void {
  installed = extensions;
}

/** @throws Error when none were installed */
export function installedExtensions(): readonly Extension[] {
  if (!installed) throw new Error('Call installExtensions() before using the engine.');
  return installed;
}
