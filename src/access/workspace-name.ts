import { DomainError, InvalidInput } from '../platform/errors.ts';

/** Another workspace has this name; upper and lower case are the same. */
export class WorkspaceNameTaken extends DomainError {
  readonly code = 'NAME_TAKEN';
  override readonly status = 409;

  constructor(name: string) {
    super(`A workspace named "${name}" already exists. Choose another name.`);
  }
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Validates a printable name that is not an id. @throws InvalidInput */
export function parseWorkspaceName(text: string): string {
  const name = text.normalize('NFC').trim();
  const { length } = [...name];
  if (length < 1 || length > 100 || !name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw new InvalidInput(
      'A workspace name must have 1 to 100 characters without control characters.',
    );
  }
  if (uuid.test(name)) throw new InvalidInput(`"${name}" is an id. Choose a name.`);
  return name;
}

export const isSameName = (a: string, b: string) =>
  a.normalize('NFC').trim().toLowerCase() === b.normalize('NFC').trim().toLowerCase();

/** Whether the database refused a row of `workspace` because the name is taken. */
export const isTakenName = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'workspace_name';

/** The name, or the first of "name (2)", "name (3)", … that is not taken. */
export function freeName(name: string, taken: readonly { name: string }[]): string {
  let candidate = name;
  for (let number = 2; taken.some((other) => isSameName(other.name, candidate)); number += 1) {
    candidate = `${name} (${number})`;
  }
  return candidate;
}
