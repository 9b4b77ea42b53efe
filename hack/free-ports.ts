// Finds TCP ports on loopback that nobody listens on. Nothing reserves them: use them at once.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** All are open at the same time while it looks, so they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
