// Owner references: what we make for an object goes when it goes.
import { groupVersion } from '../../crds/names.ts';

export type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string };

export function runtimeOwner({ name, uid }: { name: string; uid: string }): Owner {
  return { apiVersion: groupVersion, kind: 'SandboxRuntime', name, uid };
}

export function nodeOwner({ name, uid }: { name: string; uid: string }): Owner {
  return { apiVersion: 'v1', kind: 'Node', name, uid };
}
