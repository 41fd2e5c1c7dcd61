import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { DomainError, InvalidInput } from '../../platform/errors.ts';

export class BodyTooLarge extends DomainError {
  readonly code = 'BODY_TOO_LARGE';
  override readonly status = 413;

  constructor(maxBytes: number) {
    super(`The body exceeds the maximum of ${maxBytes} bytes. Send smaller requests.`);
  }
}

const decompressors: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads a body of at most `maxBytes`, counted after decompression. Stops reading as soon as it is longer.
 *
 * @throws BodyTooLarge; InvalidInput when it does not match `Content-Encoding`
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return collect(request, maxBytes);
  const decompress = Object.hasOwn(decompressors, encoding) ? decompressors[encoding] : undefined;
  if (!decompress) throw new InvalidInput(`Content-Encoding "${encoding}" is not supported.`);
  const inflated = decompress();
  request.on('error', (error) => inflated.emit('error', error));
  try {
    return await collect(request.pipe(inflated) as unknown as Readable, maxBytes);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new InvalidInput(`The body is not valid ${encoding}.`, { cause: error });
  }
}

async function collect(stream: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
