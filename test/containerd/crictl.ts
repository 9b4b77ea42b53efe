// Asks a container runtime over its CRI socket by crictl. It changes nothing there.
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { run } from '../../hack/run.ts';

export interface CriStatus {
  readonly name: string;
  readonly version: string;
  /** Condition type, such as RuntimeReady, to whether it holds. */
  readonly conditions: Readonly<Record<string, boolean>>;
  /** Handlers by name; '' is the default one. Empty before containerd 2.0, which does not say. */
  readonly handlers: readonly string[];
}

interface CriInfo {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: boolean }[] };
  readonly runtimeHandlers?: readonly { readonly name?: string }[];
}

/** *Errors*: when the CRI does not answer, with crictl's words. */
export async function criStatus(socket: string): Promise<CriStatus> {
  const version = await crictl(socket, 'version');
  const info = JSON.parse(await crictl(socket, 'info')) as CriInfo;
  const field = (name: string) => new RegExp(`^${name}: +(.+)$`, 'm').exec(version)?.[1] ?? '';
  return {
    name: field('RuntimeName'),
    version: field('RuntimeVersion'),
    conditions: Object.fromEntries(info.status.conditions.map(({ type, status }) => [type, status])),
    handlers: (info.runtimeHandlers ?? []).map(({ name = '' }) => name),
  };
}

async function crictl(socket: string, question: 'version' | 'info'): Promise<string> {
  const program = join(await ensure('crictl', progress('build')), 'crictl');
  return run([program, '--runtime-endpoint', `unix://${socket}`, '--timeout', '10s', question]);
}
