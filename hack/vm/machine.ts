// One VM as QEMU is told to run it: the arguments of a boot. Pure.

import type { Vm } from './plan.ts';

export interface VmFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** Written to. */
  readonly disk: string;
  /** A tar that the VM unpacks over its root at each boot. */
  readonly seed: string;
  /** What the engine keeps: images, snapshots. Written to. */
  readonly store: string;
  /** Gets what the kernel and systemd print. */
  readonly console: string;
  readonly firmware: readonly string[];
}

/**
 * *Source*: tried with QEMU 10.0: `thread=single` hangs guests of guests, and 7.2 crashed a node once in 26 guests.
 * EPYC is a model with SVM whose nested paging the emulator knows.
 */
const emulation = ['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'EPYC,+svm,+npt', '-smp', '2'];

/** `panic`: a node that died must not look as if it hung. `mitigations`: there is nobody to protect from. */
const kernelArguments = 'console=ttyS0 net.ifnames=0 panic=5 mitigations=off no_timer_check audit=0 quiet loglevel=4';

export const qemuArguments = (vm: Vm, files: VmFiles): readonly string[] => [
  ...emulation,
  ...['-m', String(vm.memoryMiB), '-nodefaults', '-display', 'none'],
  ...files.firmware.flatMap((folder) => ['-L', folder]),
  ...['-kernel', files.kernel, '-initrd', files.initrd, '-append', kernelArguments],
  ...['-drive', writable(files.disk)],
  ...['-drive', `file=${files.seed},format=raw,if=virtio,readonly=on`],
  ...['-drive', writable(files.store)],
  ...['-netdev', `user,id=net,${forward(vm, vm.sshPort, 22)},${forward(vm, vm.kubeletPort, vm.kubeletPort)}`],
  ...['-device', 'virtio-net-pci,netdev=net'],
  ...['-netdev', `socket,id=peers,mcast=${meetingAddress}:${vm.meetingPort},localaddr=127.0.0.1`],
  ...['-device', `virtio-net-pci,netdev=peers,mac=${macOf(vm)}`, '-device', 'virtio-rng-pci'],
  ...['-serial', `file:${files.console}`],
];

const writable = (file: string): string => `file=${file},format=qcow2,if=virtio,cache=unsafe,discard=unmap`;

/** Any multicast address does: what is sent from loopback stays there. */
const meetingAddress = '230.0.0.1';

/** QEMU gives the same to every VM. */
const macOf = ({ peerAddress }: Vm): string =>
  ['52:54:01', ...peerAddress.split('.').slice(1)]
    .map((part) => (part.includes(':') ? part : Number(part).toString(16).padStart(2, '0')))
    .join(':');

/** From loopback alone; without an address, QEMU takes the first that it would give out. */
const forward = ({ address }: Vm, port: number, to: number): string => `hostfwd=tcp:127.0.0.1:${port}-${address}:${to}`;
