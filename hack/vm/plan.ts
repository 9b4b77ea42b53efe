// What node VMs are called, where they find this machine and where this machine finds them. Pure.

/** QEMU's network in user space: each VM has one of its own, so all have the same neighbours. */
export const gateway = '10.0.2.2';
export const pods = '10.244.0.0/16';
export const services = '10.96.0.0/16';

export interface Vm {
  readonly name: string;
  /** In the VM's own network. */
  readonly address: string;
  readonly podRange: string;
  /** On this machine's loopback. */
  readonly sshPort: number;
  /** The same here and in the VM, since a node names one port for both. */
  readonly kubeletPort: number;
  readonly memoryMiB: number;
}

/** For a node, the operator and small guests. */
const defaultMemoryMiB = 3072;

/** @param index from 0; @param ports two that are free on this machine */
export const vmAt = (
  index: number,
  [sshPort, kubeletPort]: readonly [number, number],
  memoryMiB = defaultMemoryMiB,
): Vm => ({
  name: `vm${index + 1}`,
  address: `10.0.2.${15 + index}`,
  podRange: `10.244.${index + 1}.0/24`,
  sshPort,
  kubeletPort,
  memoryMiB,
});
