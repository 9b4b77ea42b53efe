// krun: each container in a virtual machine of its own, by an OCI runtime under containerd's ordinary shim.
// Source: crun(1) and krun(1) 1.21; containerd's runc options. It cannot exec into a container that runs.
import { folderPlaceholder } from '../crds/node-task.ts';
import type { Family } from './family.ts';

/** The VMM, the guest's kernel, and what these and the OCI runtime are linked with. */
const libraries = [
  ...['libkrun.so.1', 'libkrunfw.so.5', 'libgcc_s.so.1', 'libcap.so.2', 'libgcrypt.so.20', 'libgpg-error.so.0'],
  ...['liblz4.so.1', 'liblzma.so.5', 'libseccomp.so.2', 'libsystemd.so.0', 'libzstd.so.1'],
];

export const krun: Family = {
  name: 'krun',
  title: 'krun',
  needs: { virtualization: 'Required', cgroupVersion: 2 },
  defaultVariants: ['krun'],
  components: [
    { name: 'libkrunfw', paths: [/^lib\/libkrunfw\.so/] },
    { name: 'libraries', paths: [/^lib\/(?!libkrun\.)/] },
    { name: 'libkrun', paths: [/^lib\/libkrun\.so/] },
    { name: 'crun', paths: [/^libexec\/krun$/, /^krun$/] },
  ],
  versions: [
    {
      // The VMM's.
      version: '1.19.7',
      arches: ['amd64'],
      image: 'payload-krun:1.19.7',
      variants: [
        {
          name: 'krun',
          handler: {
            runtimeType: 'io.containerd.runc.v2',
            options: { BinaryName: `${folderPlaceholder}/krun` },
            podAnnotations: [],
            requires: ['krun', 'libexec/krun', ...libraries.map((name) => `lib/${name}`)],
          },
          // An idle guest; a container's memory limit is what its guest sees, and the VMM's own comes on top.
          overhead: { cpu: '50m', memory: '96Mi' },
        },
      ],
      generatedFiles: [],
    },
  ],
};
