// Kata Containers: pods in virtual machines, by upstream's own release archives.
import type { Family } from './family.ts';
import { kataArches, kataArchives } from './kata-archives.ts';
import { kataPayload } from './kata-payload.ts';
import { kataRoot, kataVariants } from './kata-variants.ts';

const version = (name: string) => ({
  version: name,
  arches: kataArches,
  archives: kataArchives(name),
  payloadRoot: kataRoot,
  variants: kataVariants,
  generatedFiles: [],
});

export const kata: Family = {
  name: 'kata',
  title: 'Kata Containers',
  needs: { virtualization: 'Ignored' },
  // *Source*: kata-deploy's label, on which upstream's RuntimeClasses select.
  nodeLabels: { 'katacontainers.io/kata-runtime': 'true' },
  // All of them in one archive; the Go shim is deprecated upstream since 4.0.
  defaultVariants: ['qemu-runtime-rs', 'clh-runtime-rs', 'dragonball'],
  components: kataPayload,
  versionsFile: 'versions.yaml',
  versions: [version('4.2.0'), version('4.1.0')],
};
