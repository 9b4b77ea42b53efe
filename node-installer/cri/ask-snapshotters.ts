// Asks containerd, over the socket that its CRI is on too, which snapshotters it has and which of them work.
// Source: containerd api/services/introspection/v1 (field numbers), plugins' type `io.containerd.snapshotter.v1`.
import { Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { z } from 'zod';
import type { Snapshotter } from '../host/host.ts';

const response = z.object({
  plugins: z.array(z.object({ id: z.string(), initErr: z.object({ message: z.string() }).nullish() })),
});

type Request = { readonly filters: readonly string[] };
type Introspection = Client & {
  plugins(
    request: Request,
    options: { deadline: Date },
    done: (error: ServiceError | null, response: unknown) => void,
  ): void;
};

/** `undefined` for an engine that does not answer, or is none of containerd's. */
export async function askSnapshotters(socket: string, timeoutMs: number): Promise<Snapshotter[] | undefined> {
  const client = connect(socket);
  try {
    const { plugins } = response.parse(await call(client, timeoutMs));
    return plugins.map(({ id, initErr }) => ({ name: id, ...(initErr ? { fault: initErr.message } : {}) }));
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

const string = (id: number) => ({ type: 'string', id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });
const messages = {
  PluginsRequest: { fields: { filters: repeated('string', 1) } },
  Fault: { fields: { code: { type: 'int32', id: 1 }, message: string(2) } },
  Plugin: { fields: { type: string(1), id: string(2), initErr: { type: 'Fault', id: 7 } } },
  PluginsResponse: { fields: { plugins: repeated('Plugin', 1) } },
};
const methods = { Plugins: { requestType: 'PluginsRequest', responseType: 'PluginsResponse', comment: '' } };
const service = { nested: { ...messages, Introspection: { methods } } };
const descriptor: Parameters<typeof fromJSON>[0] = {
  nested: {
    containerd: { nested: { services: { nested: { introspection: { nested: { v1: service } } } } } },
  },
};

function connect(socket: string): Introspection {
  const loaded = loadPackageDefinition(fromJSON(descriptor, { defaults: true, arrays: true })) as unknown as {
    containerd: {
      services: {
        introspection: { v1: { Introspection: new (...args: ConstructorParameters<typeof Client>) => Introspection } };
      };
    };
  };
  return new loaded.containerd.services.introspection.v1.Introspection(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.default_authority': 'localhost',
  });
}

function call(client: Introspection, timeoutMs: number): Promise<unknown> {
  const filters = ['type==io.containerd.snapshotter.v1'];
  return new Promise((resolve, reject) => {
    client.plugins({ filters }, { deadline: new Date(Date.now() + timeoutMs) }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}
