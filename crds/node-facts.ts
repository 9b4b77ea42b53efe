// What is known about a node, as the probe and the preflight report it; decides nothing.
import { z } from 'zod';

export const engineKinds = ['containerd', 'cri-o', 'docker'] as const;

/** The container engine, found from its running process. */
export const engineFacts = z.object({
  kind: z.enum(engineKinds),
  /** As the engine itself reports it, e.g. `2.3.7`. */
  version: z.string(),
  /** Host path of the CRI socket. */
  socket: z.string(),
  /** Host path of the root config file, whether or not it exists. */
  configPath: z.string(),
  /** `version` key of the root config file; absent without a file or a key. */
  configVersion: z.number().int().optional(),
});

export const virtualizationFacts = z.object({
  /** `/dev/kvm` opens for writing and the CPU shows vmx or svm (on x86). */
  usable: z.boolean(),
  vendor: z.enum(['intel', 'amd', 'arm']).optional(),
  /** The node is itself a virtual machine. */
  nested: z.boolean(),
  /** One sentence when not usable. */
  reason: z.string().optional(),
});

export const nodeFacts = z.object({
  /** Kubernetes' spelling, e.g. `amd64`. */
  arch: z.string(),
  kernel: z.string(),
  /** `PRETTY_NAME` of os-release. */
  os: z.string(),
  /** How Kubernetes was put on the node, e.g. `kind`, `kubeadm`, `k3s`. */
  distribution: z.string(),
  cgroupVersion: z.union([z.literal(1), z.literal(2)]),
  selinux: z.enum(['enforcing', 'permissive', 'disabled']),
  engine: engineFacts.optional(),
  virtualization: virtualizationFacts,
  /** Free bytes where payloads go. */
  freeDiskBytes: z.number().int().nonnegative(),
});

export type EngineFacts = z.infer<typeof engineFacts>;
export type VirtualizationFacts = z.infer<typeof virtualizationFacts>;
export type NodeFacts = z.infer<typeof nodeFacts>;
