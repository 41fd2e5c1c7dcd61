import type { JobKind } from '../platform/jobs/job.ts';

/**
 * What a domain hands to the engine. Each part of the engine adds its property by interface merging, so that this
 * file imports none of them.
 */
export interface Extension {
  /** The domain's folder. */
  name: string;
  /** Its background work. */
  jobs?: readonly JobKind[];
}

let installed: readonly Extension[] | undefined;

/**
 * Hands the domains to the engine. Call it once in each process or thread before other functions of the engine.
 * Later domains may use earlier ones.
 */
export function installExtensions(extensions: readonly Extension[]): void {
  installed = extensions;
}

/** @throws Error before `installExtensions` was called */
export function installedExtensions(): readonly Extension[] {
  if (!installed) throw new Error('Call installExtensions() before using the engine.');
  return installed;
}

/** Caches a value that is derived from the installed extensions. */
export function perInstallation<T>(make: (extensions: readonly Extension[]) => T): () => T {
  let made: { from: readonly Extension[]; value: T } | undefined;
  return () => {
    const from = installedExtensions();
    if (made?.from !== from) made = { from, value: make(from) };
    return made.value;
  };
}
