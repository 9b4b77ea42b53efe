// Keeps one virtual machine without a processor open on a node VM, from now until the node ends.

/** *Source*: linux/kvm.h. */
const createVm = '0xAE01';
const program = `open(my $kvm, "+<", "/dev/kvm") or die; ioctl($kvm, ${createVm}, 0) or die; sleep`;

/**
 * Shell command for the node. With the first and the last machine of all, a kernel patches its own scheduler, and under
 * emulation that has crashed and hung nodes. *Guarantees*: none; it makes that less likely. Once is enough.
 */
export const holdMachine = `setsid flock -n /run/machine-held perl -e '${program}' >/dev/null 2>&1 </dev/null &`;
