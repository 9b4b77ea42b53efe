// The API server as a few typed calls; errors come out as KubeErrors. It keeps nothing and retries nothing.
import { createInterface } from 'node:readline';
import type { KubeConfig } from '@kubernetes/client-node';
import { type HttpRequest, readText, send, translate } from './http.ts';
import { errorOfResponse } from './kube-error.ts';
import { pathOf, type Resource } from './resource.ts';

/** An object as the API server sends it. */
export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
  };
};

export type ObjectList = { readonly items: readonly KubeObject[]; readonly resourceVersion: string };

export type WatchEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject };

export type Selection = { readonly labelSelector?: string };

/** An object to apply; what it does not mention stays as others made it. */
export type Appliable = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
};

export type KubeClient = ReturnType<typeof connect>;

const requestIdleMs = 30_000;
/** A watch hears at least a bookmark a minute. Source: apiserver `bookmarkFrequency`. */
const watchIdleMs = 150_000;
const pageSize = '500';

/** A client for the kubeconfig's current context. */
export function connect(config: KubeConfig) {
  return {
    list: (resource: Resource, selection: Selection, signal: AbortSignal) => list(config, resource, selection, signal),
    watch: (resource: Resource, options: Selection & { resourceVersion: string }, signal: AbortSignal) =>
      watch(config, resource, options, signal),
    get: (resource: Resource, name: string, signal: AbortSignal) =>
      call<KubeObject>(config, { method: 'GET', path: pathOf(resource, name), signal }),
    create: (resource: Resource, body: object, signal: AbortSignal) =>
      call<KubeObject>(config, { method: 'POST', path: pathOf(resource), body, signal }),
    /** Replaces the object; the body's resourceVersion must be the current one. */
    update: (resource: Resource, name: string, body: object, signal: AbortSignal) =>
      call<KubeObject>(config, { method: 'PUT', path: pathOf(resource, name), body, signal }),
    apply: (resource: Resource, body: Appliable, options: ApplyOptions, signal: AbortSignal) =>
      call<KubeObject>(config, applyRequest(resource, body, options, signal)),
    /** Deletes the object if it is still the one with this UID. */
    delete: (resource: Resource, name: string, uid: string, signal: AbortSignal) =>
      call<KubeObject>(config, {
        method: 'DELETE',
        path: pathOf(resource, name),
        body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid }, propagationPolicy: 'Background' },
        signal,
      }),
  };
}

export type ApplyOptions = { readonly fieldManager: string; readonly subresource?: 'status' };

function applyRequest(
  resource: Resource,
  body: Appliable,
  { fieldManager, subresource }: ApplyOptions,
  signal: AbortSignal,
): Omit<HttpRequest, 'idleMs'> {
  return {
    method: 'PATCH',
    path: pathOf(resource, body.metadata?.name ?? '', subresource),
    query: { fieldManager, force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body,
    signal,
  };
}

async function call<T>(config: KubeConfig, request: Omit<HttpRequest, 'idleMs'>): Promise<T> {
  const response = await send(config, { ...request, idleMs: requestIdleMs });
  try {
    return JSON.parse(await readText(response)) as T;
  } catch (error) {
    throw translate(error, `read the answer to ${request.method} ${request.path}`, request.signal);
  }
}

/** *Guarantees*: one consistent state, not a cached one: a new leader sees what the last one wrote. */
async function list(
  config: KubeConfig,
  resource: Resource,
  selection: Selection,
  signal: AbortSignal,
): Promise<ObjectList> {
  type Page = { items: KubeObject[]; metadata: { resourceVersion: string; continue?: string } };
  const items: KubeObject[] = [];
  let next: string | undefined;
  for (;;) {
    const query = { ...selection, limit: pageSize, continue: next };
    const page: Page = await call<Page>(config, { method: 'GET', path: pathOf(resource), query, signal });
    items.push(...page.items);
    next = page.metadata.continue;
    if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

/**
 * Changes after a resourceVersion, until the server ends the watch.
 * *Errors*: KubeError `Gone` when the resourceVersion is too old, `Unavailable` when the connection breaks.
 */
async function* watch(
  config: KubeConfig,
  resource: Resource,
  options: Selection & { resourceVersion: string },
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const doing = `watch ${resource.plural}`;
  const timeoutSeconds = String(Math.round(240 + Math.random() * 120));
  const query = { ...options, watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds };
  const response = await send(config, { method: 'GET', path: pathOf(resource), query, signal, idleMs: watchIdleMs });
  try {
    for await (const line of createInterface({ input: response })) yield parseEvent(line, doing);
    if (!response.complete) throw new Error('the connection was cut');
  } catch (error) {
    throw translate(error, doing, signal);
  } finally {
    response.destroy();
  }
}

function parseEvent(line: string, doing: string): WatchEvent {
  const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: { code?: number } };
  if (event.type !== 'ERROR') return event;
  throw errorOfResponse(doing, event.object.code ?? 500, JSON.stringify(event.object));
}
