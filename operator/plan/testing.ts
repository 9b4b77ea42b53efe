// Observed things for the tests of this layer, with defaults for what a test does not care about.
import type { NodeReport } from '../../crds/node-report.ts';
import { sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import type { ObservedRuntime } from './observe-runtime.ts';

export function nodeOf(name: string, rest: Partial<ObservedNode> = {}): ObservedNode {
  return {
    name,
    uid: `uid-${name}`,
    labels: {},
    applied: {},
    taints: [],
    ready: true,
    os: 'linux',
    arch: 'amd64',
    kernel: '6.12.0',
    engine: 'containerd://2.3.7',
    kubelet: 'v1.36.3',
    ...rest,
  };
}

export function podOf(node: string, rest: Partial<ObservedPod> = {}): ObservedPod {
  return {
    name: `pod-${node}`,
    uid: `uid-pod-${node}`,
    job: 'install',
    runtime: 'gvisor',
    revision: 'new',
    node,
    leaving: false,
    progress: { kind: 'Succeeded', reports: [reportOf('verify', 'done')] },
    ...rest,
  };
}

export function reportOf(
  step: NodeReport['step'],
  outcome: NodeReport['outcome'],
  rest: Partial<NodeReport> = {},
): NodeReport {
  return { step, outcome, durationMs: 5, engineRestarts: 0, ...rest };
}

export function runtimeOf(name: string, spec: object, rest: Partial<ObservedRuntime> = {}): ObservedRuntime {
  return {
    name,
    uid: `uid-${name}`,
    generation: 1,
    createdAt: '2026-01-01T00:00:00Z',
    deleting: false,
    held: true,
    parsed: { kind: 'Spec', spec: sandboxRuntimeSpec.parse(spec) },
    status: {},
    ...rest,
  };
}
