/** The server cannot listen on the address it was given; the sentence says what to change. */
export class CannotListen extends Error {
  readonly code = 'CANNOT_LISTEN';
}

/** The refusal for a failed `listen`. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): Error {
  const sentence = sentences[error.code ?? '']?.(host, port);
  return sentence ? new CannotListen(sentence, { cause: error }) : error;
}

const sentences: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use. Stop what listens there, or set PORT to another one; 0 takes a free one.`,
  EACCES: (host, port) =>
    `This user may not listen on port ${port} of ${host}. Set PORT to one above 1023.`,
  EADDRNOTAVAIL: noSuchAddress,
  ENOTFOUND: noSuchAddress,
  EAI_AGAIN: noSuchAddress,
};

function noSuchAddress(host: string) {
  return `This machine has no address ${host}. Set STAGELINE_HOST to one of its own, such as 127.0.0.1 or 0.0.0.0.`;
}
