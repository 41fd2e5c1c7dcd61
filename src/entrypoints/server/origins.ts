import type { IncomingMessage } from 'node:http';

/** The web sites whose pages may use /graphql, on every transport. */
export interface Origins {
  /** Whether the page that sent the request may. Programs, which send no `Origin`, and the server's own page may. */
  isAllowed(request: IncomingMessage): boolean;
  /** The value of `Access-Control-Allow-Origin` for a request that is allowed. */
  allowHeader(request: IncomingMessage): string;
}

export const originNotAllowed = {
  code: 'ORIGIN_NOT_ALLOWED',
  message: 'Pages of this origin may not use this server. Add it to STAGELINE_ORIGINS.',
};

/** @param list the origins; undefined allows all */
export function createOrigins(list: readonly string[] | undefined): Origins {
  const allowed = list && new Set(list);
  return {
    isAllowed({ headers: { origin, host } }) {
      if (!allowed || origin === undefined || allowed.has(origin)) return true;
      return hostOf(origin) === host;
    },
    allowHeader: ({ headers: { origin } }) => (allowed && origin !== undefined ? origin : '*'),
  };
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;
