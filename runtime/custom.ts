// The family of an admin's own runtimes: no entry of the catalogue, but made from what the spec says.
import { kubernetesArch } from '../crds/kubernetes-values.ts';
import { folderPlaceholder, type HandlerTask } from '../crds/node-task.ts';
import { customFamily, type SandboxRuntimeHandler, type SandboxRuntimeSpec } from '../crds/sandbox-runtime.ts';
import type { Family, Variant } from './family.ts';

export function customFamilyOf({ version = customFamily, handlers = [] }: SandboxRuntimeSpec): Family {
  return {
    name: customFamily,
    title: 'a runtime of your own',
    needs: { virtualization: 'Ignored' },
    defaultVariants: [],
    versions: [
      {
        version,
        arches: kubernetesArch.options,
        variants: handlers.flatMap(variantOf),
        generatedFiles: [],
        takes: 'Everything',
      },
    ],
  };
}

/** The CRD refuses a handler without type and path. */
function variantOf(handler: SandboxRuntimeHandler): Variant[] {
  const { name, type, path } = handler;
  if (type === undefined || path === undefined) return [];
  return [{ name, handler: { ...engineEntry(handler, path), podAnnotations: [], requires: [path] }, overhead: {} }];
}

/** *Source*: containerd's `runtime_type`, `runtime_path` and runc's option `BinaryName`. */
function engineEntry(
  { name, type, options = {} }: SandboxRuntimeHandler,
  path: string,
): Pick<HandlerTask, 'runtimeType' | 'runtimePath' | 'options'> {
  if (type === 'shim-v2') return { runtimeType: `io.containerd.${name}.v2`, runtimePath: path, options };
  return { runtimeType: 'io.containerd.runc.v2', options: { BinaryName: `${folderPlaceholder}/${path}`, ...options } };
}
