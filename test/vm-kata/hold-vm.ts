// Keeps one virtual machine without a processor open on a node VM, from now until the node ends.
import type { NodeVm } from '../../hack/vm/node-vm.ts';

/** *Source*: linux/kvm.h. */
const createVm = '0xAE01';

/**
 * With the first and the last machine of all, a kernel patches its own scheduler, and under emulation that has crashed a node.
 * *Guarantees*: none; it makes a crash less likely.
 */
export async function holdVm(vm: NodeVm): Promise<void> {
  const program = `open(my $kvm, "+<", "/dev/kvm") or die; ioctl($kvm, ${createVm}, 0) or die; sleep`;
  await vm.run(`setsid perl -e '${program}' >/dev/null 2>&1 </dev/null &`);
}
