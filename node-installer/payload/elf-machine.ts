// Which architecture a program was built for. Pure.

/** *Source*: ELF's `e_machine` (elf.h), in Kubernetes' spelling. */
const machines: ReadonlyMap<number, string> = new Map([
  [62, 'amd64'],
  [183, 'arm64'],
  [22, 's390x'],
  [21, 'ppc64le'],
]);

/** `undefined` for what is no ELF file. */
export function elfArch(head: Uint8Array): string | undefined {
  if (head.length < 20 || ![0x7f, 0x45, 0x4c, 0x46].every((byte, index) => head[index] === byte)) return undefined;
  const isLittle = head[5] === 1;
  const machine = new DataView(head.buffer, head.byteOffset).getUint16(18, isLittle);
  return machines.get(machine) ?? `another machine (${machine})`;
}
