import { installedExtensions } from '../extensions.ts';
import type { BuildSubjectKind } from './build-subject.ts';

/** @throws Error for a kind that no domain has handed in */
export function requireSubjectKind(kind: string): BuildSubjectKind {
  const kinds = installedExtensions().flatMap(({ buildSubjects = [] }) => buildSubjects);
  const found = kinds.find((one) => one.kind === kind);
  if (!found) throw new Error(`No domain builds definitions of the kind ${kind}.`);
  return found;
}
