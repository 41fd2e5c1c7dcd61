/** The server cannot listen on the configured address. The message says what to change. */
export class CannotListen extends Error {
  readonly code = 'CANNOT_LISTEN';
}

/** Explains a failed `listen`. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): Error {
  const message = messages[error.code ?? '']?.(host, port);
  return message ? new CannotListen(message, { cause: error }) : error;
}

const messages: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use. Stop the other program, or set PORT to another port; 0 chooses a free one.`,
  EACCES: (host, port) =>
    `This user has no permission to listen on port ${port} of ${host}. Set PORT to a port above 1023.`,
  EADDRNOTAVAIL: unknownAddress,
  ENOTFOUND: unknownAddress,
  EAI_AGAIN: unknownAddress,
};

function unknownAddress(host: string) {
  return `This machine has no address ${host}. Set STAGELINE_HOST to one of its addresses, such as 127.0.0.1 or 0.0.0.0.`;
}
