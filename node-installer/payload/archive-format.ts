// Tells by its first bytes what a download is, and in words what it is instead of an archive.

export type ArchiveFormat = 'tar' | 'zstd' | 'gzip' | 'xz' | 'bzip2';

/** Bytes that are enough to tell. */
export const headBytes = 512;

/** *Source*: RFC 8878, RFC 1952, the .xz format 1.2, bzip2's header, POSIX ustar. */
const magics: readonly (readonly [ArchiveFormat, offset: number, magic: readonly number[]])[] = [
  ['zstd', 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ['gzip', 0, [0x1f, 0x8b]],
  ['xz', 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', 0, [0x42, 0x5a, 0x68]],
  ['tar', 257, [0x75, 0x73, 0x74, 0x61, 0x72]],
];

export function formatOf(head: Uint8Array): ArchiveFormat | undefined {
  return magics.find(([, offset, magic]) => magic.every((byte, index) => head[offset + index] === byte))?.[0];
}

/** As the end of "it is …". */
export function describeHead(head: Uint8Array): string {
  if (head.length === 0) return 'empty';
  const text = new TextDecoder('latin1').decode(head.subarray(0, 200)).trimStart();
  if (/^(<!doctype html|<html)/i.test(text)) return 'a web page';
  if (text.startsWith('<')) return 'an XML document, as servers answer with for what they do not have';
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer, not the file that it stands for';
  if (formatOf(head)) return 'an archive, but another one';
  return 'neither a tar nor compressed by zstd, gzip, xz or bzip2';
}
