// One request to the API server over node:https with a KubeConfig's TLS and credentials; knows no Kubernetes objects.
import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { errorOfResponse, KubeError } from './kube-error.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** Longest silence on the connection. */
  readonly idleMs: number;
};

/**
 * The response of a request that succeeded, its body still to be read.
 * *Errors*: a KubeError for every other response, and when nobody answers; the abort reason when aborted.
 */
export async function send(config: KubeConfig, request: HttpRequest): Promise<http.IncomingMessage> {
  const doing = `${request.method} ${request.path}`;
  try {
    const response = await exchange(config, request);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw errorOfResponse(doing, status, await readText(response), response.headers['retry-after']);
  } catch (error) {
    throw translate(error, doing, request.signal);
  }
}

/** The whole body as text. */
export async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A connection's error as a KubeError; an abort stays an abort. */
export function translate(error: unknown, doing: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof KubeError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new KubeError('Unavailable', `Cannot ${doing}: ${why}`, { cause: error });
}

async function exchange(config: KubeConfig, request: HttpRequest): Promise<http.IncomingMessage> {
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new Error('Cannot reach the API server: the kubeconfig names no cluster.');
  const url = new URL(server.replace(/\/$/, '') + request.path);
  for (const [key, value] of Object.entries(request.query ?? {})) if (value) url.searchParams.set(key, value);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const options: https.RequestOptions = {
    method: request.method,
    signal: request.signal,
    headers: {
      accept: 'application/json',
      'user-agent': 'bulkhead-operator',
      ...(body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    },
  };
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'http:' ? http : https).request(url, options, resolve);
    outgoing.setTimeout(request.idleMs, () => outgoing.destroy(new Error(`silent for ${request.idleMs} ms`)));
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
