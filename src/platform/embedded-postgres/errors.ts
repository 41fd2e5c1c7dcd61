import { DomainError } from '../errors.ts';

const wayOut = 'Or set DATABASE_URL to use a PostgreSQL server of your own.';

/** Another Stageline server works on the same data folder. */
export class DataFolderLocked extends DomainError {
  readonly code = 'DATA_DIR_LOCKED';

  constructor(dataFolder: string, owner: number | undefined) {
    super(
      `The data folder ${dataFolder} is in use by another Stageline server (process ${owner ?? 'unknown'}). ` +
        'Stop that one first, or give this one another folder with STAGELINE_DATA.',
    );
  }
}

/** What lies where the database should be was not made by us, or not for this user; it is left alone. */
export class DataFolderForeign extends DomainError {
  readonly code = 'DATA_DIR_FOREIGN';

  constructor(folder: string, reason: string) {
    super(
      `Stageline does not touch ${folder}: ${reason}. Choose another folder with STAGELINE_DATA. ${wayOut}`,
    );
  }
}

/** The database was made by another major version of PostgreSQL, whose files ours cannot read. */
export class DataFolderOtherVersion extends DomainError {
  readonly code = 'DATA_DIR_OTHER_VERSION';

  constructor(folder: string, { found, ours }: { found: string; ours: string }) {
    super(
      `${folder} was made by PostgreSQL ${found}, and the embedded one is ${ours}. ` +
        `Nothing was changed: move it to another folder with a dump and a restore. ${wayOut}`,
    );
  }
}

const restore =
  'Restore the data folder from a backup, or move it away to start with an empty database.';

/** A part of our own data folder is missing, and starting empty instead would hide that. */
export class DataFolderIncomplete extends DomainError {
  readonly code = 'DATA_DIR_INCOMPLETE';

  constructor(missing: string, evidence?: string) {
    super(`${missing} is missing${evidence ? `, ${evidence}` : ''}. ${restore}`);
  }
}

/** A part of our own data folder is there, and unusable. */
export class DataFolderDamaged extends DomainError {
  readonly code = 'DATA_DIR_DAMAGED';

  constructor(path: string, problem: string, remedy = restore) {
    super(`${path} ${problem}. ${remedy}`);
  }
}

/** The file system of the data folder has no space left. */
export class DataFolderFull extends DomainError {
  readonly code = 'DATA_DIR_FULL';

  constructor(dataFolder: string, needed: number) {
    super(
      `The disk of ${dataFolder} is full: Stageline needs ${Math.ceil(needed / 1e6)} MB to start there. ` +
        'Free some space, or choose another folder with STAGELINE_DATA.',
    );
  }
}

/** The embedded PostgreSQL cannot run on this machine. */
export class EmbeddedPostgresUnavailable extends DomainError {
  readonly code = 'EMBEDDED_POSTGRES_UNAVAILABLE';
  override readonly status = 503;

  constructor(reason: string, options?: ErrorOptions) {
    super(`The embedded PostgreSQL cannot run here: ${reason}. ${wayOut}`, options);
  }
}

/** Another program took the port between the search for a free one and its use. */
export class PortTaken extends EmbeddedPostgresUnavailable {}
