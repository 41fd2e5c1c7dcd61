import { installedExtensions } from '../extensions.ts';
import { customerChangeKinds } from './kinds.ts';

/** @throws Error for a kind of change that neither the engine nor a domain declares */
export function requireInstalledKind(kind: string): void {
  const handedIn = installedExtensions().flatMap(({ changeKinds = [] }) => changeKinds);
  const kinds: readonly string[] = [...customerChangeKinds, ...handedIn];
  if (!kinds.includes(kind)) throw new Error(`No domain handed in the change kind ${kind}.`);
}
