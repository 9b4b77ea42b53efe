// A web server of the test on this machine; says what it was asked for.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly url: string;
  /** `GET /path` and the range, if one was asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** @param address of this machine, for others than itself to reach it by */
export async function serve(answer: Answer, tls?: ServerOptions, address = '127.0.0.1'): Promise<Served> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push([method, url, headers.range].filter((part) => part !== undefined).join(' '));
    answer(request, response);
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${address}:${port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Gives the bytes as a file server does, from where it is asked to. */
export function fileOf(bytes: Buffer): Answer {
  return ({ headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (start > 0 && start >= bytes.length) {
      response.writeHead(416).end();
      return;
    }
    const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start, ...range });
    response.end(bytes.subarray(start));
  };
}
