// A proxy on this machine that only tunnels (HTTP CONNECT): whatever host is asked for, it leads to one server. Says what it was asked for.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy {
  readonly url: string;
  /** `host:port`, each time that one was asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** @param target URL of the server, whose names no one else knows */
export async function connectProxy(target: string, address: string): Promise<ConnectProxy> {
  const { hostname, port } = new URL(target);
  const asked: string[] = [];
  /** The server counts them as open and no longer knows them. */
  const tunnels: Duplex[] = [];
  const proxy = createServer((_, response) => void response.writeHead(405).end());
  proxy.on('connect', ({ url = '' }, client, head) => {
    asked.push(url);
    const server = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      client.pipe(server).pipe(client);
    });
    tunnels.push(client, server);
    // Either end may go at any time.
    for (const end of [client, server]) end.on('error', () => [client, server].forEach((other) => other.destroy()));
  });
  proxy.listen(0, address);
  await once(proxy, 'listening');
  return {
    url: `http://${address}:${(proxy.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      for (const end of tunnels) end.destroy();
      proxy.closeAllConnections();
      await new Promise((done) => proxy.close(done));
    },
  };
}
