// gVisor: a user-space kernel behind containerd's runsc shim; needs no KVM.
// Source: gvisor.dev user guide (containerd quick start, configuration), pkg/shim/v1/runsc/options.go.
import { folderPlaceholder } from '../crds/node-task.ts';
import type { Family } from './family.ts';

const runscToml = `binary_name = "${folderPlaceholder}/runsc"

[runsc_config]
platform = "systrap"
`;

export const gvisor: Family = {
  name: 'gvisor',
  title: 'gVisor',
  needs: { virtualization: 'Ignored' },
  defaultVariants: ['gvisor'],
  versions: [
    {
      version: '20260905',
      arches: ['amd64'],
      image: 'payload-gvisor:20260905',
      variants: [
        {
          name: 'gvisor',
          handler: {
            runtimeType: 'io.containerd.runsc.v1',
            runtimePath: 'containerd-shim-runsc-v1',
            ociRuntime: 'runsc',
            options: { TypeUrl: 'io.containerd.runsc.v1.options', ConfigPath: `${folderPlaceholder}/runsc.toml` },
            podAnnotations: ['dev.gvisor.*'],
            requires: ['runsc', 'containerd-shim-runsc-v1'],
          },
          overhead: { cpu: '50m', memory: '64Mi' },
        },
      ],
      generatedFiles: [{ path: 'runsc.toml', text: runscToml }],
    },
  ],
};
