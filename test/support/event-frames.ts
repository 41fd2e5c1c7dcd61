/** One Server-Sent Event. */
export interface Frame {
  event?: string;
  id?: string;
  data?: string;
}

/** The complete events in the text of a stream, without comments such as heartbeats. */
export function framesOf(text: string): Frame[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const lines = block.split('\n').filter((line) => !line.startsWith(':'));
      return Object.fromEntries(
        lines.map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        }),
      ) as Frame;
    })
    .filter((frame) => Object.keys(frame).length > 0);
}

/** The payloads, each with its event id. */
export const deliveriesOf = <Data>(text: string) =>
  framesOf(text)
    .filter(({ event }) => event === 'next')
    .map(({ id, data }) => ({
      id,
      ...(JSON.parse(data ?? '{}') as { data: Data; extensions?: object }),
    }));
