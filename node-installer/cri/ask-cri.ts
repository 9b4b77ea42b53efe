// Asks a container engine over its CRI socket: version, state, handlers. Every question is a connection of its own.
import { Client, credentials, loadPackageDefinition, type ServiceError, status as codes } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { z } from 'zod';
import type { CriAnswer } from '../host/host.ts';
import { lateAnswer } from './late-answer.ts';
import { criDescriptor } from './descriptor.ts';

const versionResponse = z.object({ runtimeName: z.string(), runtimeVersion: z.string() });
const statusResponse = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.boolean(), reason: z.string(), message: z.string() })),
  }),
  info: z.record(z.string(), z.string()),
  runtimeHandlers: z.array(z.object({ name: z.string() })),
});

type Status = z.infer<typeof statusResponse>;

/** Of all that it holds, registry credentials among it, nothing else is looked at. */
const startedConfig = z.object({ containerd: z.object({ runtimes: z.record(z.string(), z.unknown()) }) });

type Method = (
  request: object,
  options: { deadline: Date },
  done: (error: ServiceError | null, response: unknown) => void,
) => void;
type CriClient = Client & Record<'version' | 'status', Method>;

/**
 * Version and status of the engine behind `socket`, a path that this process can connect to.
 * *Errors*: none; an engine that does not answer in time, or without a CRI, is a `Silent` answer that says why.
 */
export async function askCri(socket: string, timeoutMs: number): Promise<CriAnswer> {
  const client = connect(socket);
  const deadline = new Date(Date.now() + timeoutMs);
  try {
    const version = versionResponse.parse(await call(client, 'version', deadline));
    const status = statusResponse.parse(await call(client, 'status', deadline));
    const ready = status.status.conditions.find((condition) => condition.type === 'RuntimeReady');
    return {
      kind: 'Answered',
      engineName: version.runtimeName,
      engineVersion: version.runtimeVersion,
      runtimeReady: ready?.status ?? false,
      notReadyBecause: ready?.status ? '' : (ready?.message ?? ''),
      handlers: await handlersOf(client, status, deadline),
    };
  } catch (error) {
    return silence(error, timeoutMs);
  } finally {
    client.close();
  }
}

/** *Source*: containerd lists them since 2.0; before, only the verbose status tells, by the config that the CRI was started with. */
async function handlersOf(client: CriClient, { runtimeHandlers }: Status, deadline: Date): Promise<string[]> {
  const listed = runtimeHandlers.map(({ name }) => name).filter((name) => name !== '');
  if (listed.length > 0) return listed;
  const { info } = statusResponse.parse(await call(client, 'status', deadline, { verbose: true }));
  const config = startedConfig.safeParse(jsonOf(info['config']));
  return config.success ? Object.keys(config.data.containerd.runtimes) : [];
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function connect(socket: string): CriClient {
  const definition = fromJSON(criDescriptor, { defaults: true, arrays: true });
  const { runtime } = loadPackageDefinition(definition) as unknown as {
    runtime: { v1: { RuntimeService: new (...args: ConstructorParameters<typeof Client>) => CriClient } };
  };
  return new runtime.v1.RuntimeService(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.default_authority': 'localhost',
  });
}

function call(client: CriClient, method: 'version' | 'status', deadline: Date, request: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** *Source*: containerd registers all services before it serves the first, so one that it does not know then never comes. */
function silence(error: unknown, timeoutMs: number): CriAnswer {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === codes.DEADLINE_EXCEEDED) return lateAnswer(timeoutMs);
  return { kind: 'Silent', why: explain(error), ...(code === codes.UNIMPLEMENTED ? { isForGood: true } : {}) };
}

/** gRPC's own words without its code in front. A plugin that did not load is a service that nobody knows. */
function explain(error: unknown): string {
  const words = error instanceof Error && 'details' in error ? String(error.details) : String(error);
  return words.startsWith('unknown service') ? `it runs, but its CRI did not start (${words})` : words;
}
