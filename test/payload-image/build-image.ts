// Payload images of the tests, built from stand-in archives by the builder's own command line.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltPayloadImage, buildPayloadImage } from '../../hack/payload-image/build-payload-image.ts';
import { payloadCommand } from '../../hack/payload-image/payload-command.ts';
import { kataEntries } from '../archives/kata-archive.ts';
import { compress, type Entries, makeTar, sha256 } from '../archives/make-archive.ts';

export const kataVersion = '4.2.0';

/** Writes an archive; gives it as a source of the command line. */
export async function sourceOf(folder: string, name: string, entries: Entries): Promise<string> {
  const bytes = compress('zstd', await makeTar(entries));
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return `${path}@sha256:${sha256(bytes)}`;
}

export function kataSource(folder: string): Promise<string> {
  return sourceOf(folder, `kata-static-${kataVersion}-amd64.tar.zst`, kataEntries('kata-static', kataVersion));
}

export function kataArguments(handlers: string, source: string): string[] {
  return ['--family', 'kata', '--version', kataVersion, '--handlers', handlers, '--source', source];
}

/** Without the installer. */
export function buildImage(folder: string, name: string, args: readonly string[]): Promise<BuiltPayloadImage> {
  const command = payloadCommand(['--out', join(folder, name), '--data-only', ...args], 'amd64');
  const ingredients = () => Promise.reject(new Error('The image is to hold data only.'));
  return buildPayloadImage(command, { say: () => undefined, ingredients });
}

/** An ELF file of a machine, as far as anyone looks. */
export function elf(machine: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}
