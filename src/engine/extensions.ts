import type { JobKind } from '../platform/jobs/job.ts';

/**
 * What a domain hands to the engine. Each part of the engine declares what it takes, by merging into this
 * interface beside its contract, so that this file imports none of them.
 */
export interface Extension {
  /** The domain's folder. */
  name: string;
  /** Its background work. */
  jobs?: readonly JobKind[];
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
