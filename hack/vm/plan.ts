// What node VMs are called, where they find this machine and where this machine finds them. Pure.

/** QEMU's network in user space: each VM has one of its own, so all have the same neighbours. They meet in a second one. */
export const gateway = '10.0.2.2';
export const pods = '10.244.0.0/16';
export const services = '10.96.0.0/16';

export interface Vm {
  readonly name: string;
  /** In the VM's own network. */
  readonly address: string;
  /** In the network where the VMs of a cluster meet. */
  readonly peerAddress: string;
  readonly podRange: string;
  /** On this machine's loopback. */
  readonly sshPort: number;
  /** The same here and in the VM, since a node names one port for both. */
  readonly kubeletPort: number;
  /** Of this machine's loopback, the same for all VMs of a cluster: where they meet. */
  readonly meetingPort: number;
  readonly memoryMiB: number;
}

/** For a node, the operator and small guests. */
const defaultMemoryMiB = 3072;

export type VmPorts = Pick<Vm, 'sshPort' | 'kubeletPort' | 'meetingPort'>;

/** @param index from 0; @param ports free on this machine */
export const vmAt = (index: number, ports: VmPorts, memoryMiB = defaultMemoryMiB): Vm => ({
  name: `vm${index + 1}`,
  address: `10.0.2.${15 + index}`,
  peerAddress: `10.0.3.${15 + index}`,
  podRange: `10.244.${index + 1}.0/24`,
  ...ports,
  memoryMiB,
});
