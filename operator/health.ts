// Answers kubelet's probes: alive as long as the event loop turns, ready while told so.
import { createServer, type Server } from 'node:http';

export type Health = {
  setReady(ready: boolean): void;
  close(): Promise<void>;
  readonly port: number;
};

export async function serveHealth(port: number): Promise<Health> {
  let ready = false;
  const server = createServer((request, response) => {
    const ok = request.url === '/healthz' || (request.url === '/readyz' && ready);
    response.writeHead(ok ? 200 : request.url === '/readyz' ? 503 : 404, { 'content-type': 'text/plain' });
    response.end(ok ? 'ok\n' : 'no\n');
  });
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    setReady: (value) => void (ready = value),
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
}
