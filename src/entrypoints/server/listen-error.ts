/** The server cannot listen on the configured address. The message says what to change. */
export class CannotListen extends Error {
  readonly code = 'CANNOT_LISTEN';
}

export interface ListenAddress {
  host: string;
  port: number;
  /** The setting of the port. */
  setting: 'PORT' | 'STAGELINE_METRICS_PORT';
}

/** Explains a failed `listen`. */
export function explainListenError(error: NodeJS.ErrnoException, address: ListenAddress): Error {
  const message = messages[error.code ?? '']?.(address);
  return message ? new CannotListen(message, { cause: error }) : error;
}

const messages: Record<string, (address: ListenAddress) => string> = {
  EADDRINUSE: ({ host, port, setting }) =>
    `Port ${port} of ${host} is in use. Stop the other program, or set ${setting} to another port${setting === 'PORT' ? '; 0 chooses a free one' : ''}.`,
  EACCES: ({ host, port, setting }) =>
    `This user has no permission to listen on port ${port} of ${host}. Set ${setting} to a port above 1023.`,
  EADDRNOTAVAIL: unknownAddress,
  ENOTFOUND: unknownAddress,
  EAI_AGAIN: unknownAddress,
};

function unknownAddress({ host }: ListenAddress) {
  return `This machine has no address ${host}. Set STAGELINE_HOST to one of its addresses, such as 127.0.0.1 or 0.0.0.0.`;
}
