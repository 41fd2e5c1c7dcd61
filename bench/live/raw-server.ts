import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BaselineChange } from './baseline-message.ts';

/** No GraphQL: one string per change, and `send` of it to every client. */
export function createRawServer() {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  const subscribed = new Set<WebSocket>();
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type === 'subscribe') subscribed.add(socket);
    });
    socket.on('close', () => subscribed.delete(socket));
  });
  return {
    http,
    subscribers: () => subscribed.size,
    publish({ __typename, ...stageChanged }: BaselineChange) {
      const payload = { data: { stageChanged } };
      const message = JSON.stringify({ id: '1', type: 'next', payload });
      for (const socket of subscribed) socket.send(message);
    },
  };
}
