import { DomainError } from '../errors.ts';

const alternative = 'Or set DATABASE_URL to use your own PostgreSQL server.';

/** Another Stageline server works on the same data folder. */
export class DataFolderLocked extends DomainError {
  readonly code = 'DATA_DIR_LOCKED';

  constructor(dataFolder: string, owner: number | undefined) {
    super(
      `The data folder ${dataFolder} is in use by another Stageline server (process ${owner ?? 'unknown'}). ` +
        'Stop that server, or choose another folder with STAGELINE_DATA.',
    );
  }
}

/** The folder was not made by Stageline, or not for this user. It is not changed. */
export class DataFolderForeign extends DomainError {
  readonly code = 'DATA_DIR_FOREIGN';

  constructor(folder: string, reason: string) {
    super(
      `Stageline cannot use ${folder}: ${reason}. Choose another folder with STAGELINE_DATA. ${alternative}`,
    );
  }
}

/** The database was made by another major version of PostgreSQL, whose files this one cannot read. */
export class DataFolderOtherVersion extends DomainError {
  readonly code = 'DATA_DIR_OTHER_VERSION';

  constructor(folder: string, { actual, expected }: { actual: string; expected: string }) {
    super(
      `${folder} was made by PostgreSQL ${actual}, but the embedded version is ${expected}. ` +
        `Nothing was changed. Migrate the data with pg_dump and pg_restore to another folder. ${alternative}`,
    );
  }
}

const restore =
  'Restore the data folder from a backup, or move it elsewhere to start with an empty database.';

/** A part of the data folder is missing. Starting with an empty database would hide that. */
export class DataFolderIncomplete extends DomainError {
  readonly code = 'DATA_DIR_INCOMPLETE';

  constructor(missing: string, evidence?: string) {
    super(`${missing} is missing${evidence ? `, ${evidence}` : ''}. ${restore}`);
  }
}

/** A part of the data folder exists but is unusable. */
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
      `The disk of ${dataFolder} is full: Stageline needs ${Math.ceil(needed / 1e6)} MB to start. ` +
        'Free some space, or choose another folder with STAGELINE_DATA.',
    );
  }
}

/** The embedded PostgreSQL cannot run on this machine. */
export class EmbeddedPostgresUnavailable extends DomainError {
  readonly code = 'EMBEDDED_POSTGRES_UNAVAILABLE';
  override readonly status = 503;

  constructor(reason: string, options?: ErrorOptions) {
    super(`The embedded PostgreSQL cannot run on this machine: ${reason}. ${alternative}`, options);
  }
}

/** Another program took the port between the search for a free one and its use. */
export class PortTaken extends EmbeddedPostgresUnavailable {}
