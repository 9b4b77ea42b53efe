// The node VM on which a real Kata is tried: with room for its guests, and no other family's payload.

/** Half of it is the node's /dev/shm, where QEMU's guests have theirs: the catalogue asks for 2 GiB there. */
const memoryMiB = 6144;

export const kataVm = () => ({ name: process.env['CLUSTER'] || 'bulkhead-vm-kata', memoryMiB, families: [] });
