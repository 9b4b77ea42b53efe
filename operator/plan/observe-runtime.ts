// A SandboxRuntime as the operator sees it: its spec parsed, with defaults; what does not parse says why.
import type { IObjectMeta } from '@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta';
import { finalizer } from '../../crds/names.ts';
import { type SandboxRuntimeSpec, type SandboxRuntimeStatus, sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';

export type ParsedSpec =
  | { readonly kind: 'Spec'; readonly spec: SandboxRuntimeSpec }
  | { readonly kind: 'Unreadable'; readonly why: string };

export type ObservedRuntime = {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly createdAt: string;
  readonly deleting: boolean;
  /** Our finalizer holds it. */
  readonly held: boolean;
  readonly parsed: ParsedSpec;
  /** As we wrote it last. */
  readonly status: SandboxRuntimeStatus;
};

type RawRuntime = {
  readonly metadata?: IObjectMeta;
  readonly spec?: unknown;
  readonly status?: SandboxRuntimeStatus;
};

export function observeRuntime({ metadata, spec, status }: RawRuntime): ObservedRuntime {
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    generation: metadata?.generation ?? 0,
    createdAt: metadata?.creationTimestamp ?? '',
    deleting: metadata?.deletionTimestamp !== undefined,
    held: metadata?.finalizers?.includes(finalizer) ?? false,
    parsed: parseSpec(spec),
    status: status ?? {},
  };
}

/** The CRD has refused most of what is wrong; this is for objects older than the CRD. */
function parseSpec(spec: unknown): ParsedSpec {
  const parsed = sandboxRuntimeSpec.safeParse(spec);
  if (parsed.success) return { kind: 'Spec', spec: parsed.data };
  const why = parsed.error.issues.map(({ path, message }) => `spec.${path.join('.')}: ${message}`).join('; ');
  return { kind: 'Unreadable', why };
}
