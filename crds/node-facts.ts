// What is known about a node, as the probe and the preflight report it; decides nothing.
import { z } from 'zod';

const engineKinds = ['containerd', 'cri-o', 'docker'] as const;

/** The container engine, found from its running process. */
export const engineFacts = z.object({
  kind: z.enum(engineKinds).describe('Which container engine kubelet uses.'),
  version: z.string().describe('As the engine itself reports it, e.g. 2.3.7.'),
  socket: z
    .string()
    .describe('Host path of the socket at which the engine is asked: that of the CRI, or of Docker itself.'),
  configPath: z.string().describe('Host path of the root config file, whether or not it exists.'),
  configVersion: z
    .number()
    .int()
    .optional()
    .describe('The version key of the root config file; absent without a file or a key.'),
  restartsKubelet: z
    .boolean()
    .optional()
    .describe('The engine is part of a service that kubelet is part of too, e.g. k3s: both restart at once.'),
});

export const virtualizationFacts = z.object({
  usable: z.boolean().describe('/dev/kvm opens for writing and the CPU shows vmx or svm (on x86).'),
  vendor: z.enum(['intel', 'amd', 'arm']).optional().describe('Whose virtualization the CPU has.'),
  nested: z.boolean().describe('The node is itself a virtual machine.'),
  reason: z.string().optional().describe('Why it is not usable, in one sentence.'),
});

const sizeBytes = z.number().int().nonnegative().optional();

export const nodeFacts = z.object({
  arch: z.string().describe("Kubernetes' spelling, e.g. amd64."),
  kernel: z.string().describe('Release of the running kernel.'),
  os: z.string().describe('PRETTY_NAME of os-release.'),
  distribution: z.string().describe('How Kubernetes was put on the node, e.g. kind, kubeadm, k3s.'),
  cgroupVersion: z.literal([1, 2]).describe('Version of the cgroup hierarchy that pods are in.'),
  selinux: z.enum(['enforcing', 'permissive', 'disabled']).describe('Mode of SELinux.'),
  engine: engineFacts.optional().describe('The container engine; absent when none is running.'),
  virtualization: virtualizationFacts.describe('Hardware virtualization.'),
  freeDiskBytes: z.number().int().nonnegative().describe('Free bytes where payloads go.'),
  memoryAvailableBytes: sizeBytes.describe('Memory that new programs can get without swapping.'),
  sharedMemoryBytes: sizeBytes.describe('Size of /dev/shm.'),
  missingDevices: z.array(z.string()).optional().describe('Devices for sandboxes that are not there.'),
  missingModules: z
    .array(z.string())
    .optional()
    .describe('Kernel modules for sandboxes that are neither loaded nor built in.'),
});

export type EngineFacts = z.infer<typeof engineFacts>;
export type VirtualizationFacts = z.infer<typeof virtualizationFacts>;
export type NodeFacts = z.infer<typeof nodeFacts>;
