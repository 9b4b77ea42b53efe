// What a runtime needs of a node beyond a container engine. What is absent is not needed; nothing here is measured.
import { z } from 'zod';

const sizeBytes = z.number().int().positive().optional();

export const nodeNeeds = z.object({
  virtualization: z.enum(['Required', 'Preferred', 'Ignored']),
  /** Device files, e.g. `/dev/vhost-vsock`. One that comes with a module of `modules` may be missing until that is loaded. */
  devices: z.array(z.string().regex(/^\/dev\/[\w./-]+$/)).optional(),
  /** Kernel modules by name, e.g. `vhost_vsock`; one that is built into the kernel is as good as loaded. */
  modules: z.array(z.string().regex(/^[a-z0-9_]+$/)).optional(),
  /** As in the flags of `/proc/cpuinfo`. */
  cpuFlags: z.array(z.string()).optional(),
  /** Oldest kernel release, e.g. `5.10`. */
  minKernel: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)?$/)
    .optional(),
  /** The only version of the cgroup hierarchy that it works with. */
  cgroupVersion: z.literal([1, 2]).optional(),
  /** Memory that must be free for one sandbox. */
  memoryBytes: sizeBytes,
  /** Size of /dev/shm, where a hypervisor keeps guest memory that it shares. */
  sharedMemoryBytes: sizeBytes,
  /** Disk that the payload takes once it is staged. */
  diskBytes: sizeBytes,
});

export type NodeNeeds = z.infer<typeof nodeNeeds>;
