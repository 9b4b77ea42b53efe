// gVisor: a user-space kernel behind containerd's runsc shim; needs no KVM.
// Source: gvisor.dev user guide (containerd quick start, configuration, install), pkg/shim/v1/runsc/options.go.
import { folderPlaceholder } from '../crds/node-task.ts';
import type { Archive, Family, FamilyVersion, Variant } from './family.ts';

const runscToml = `binary_name = "${folderPlaceholder}/runsc"

[runsc_config]
platform = "systrap"
`;

const gvisorVariant: Variant = {
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
};

/** Since September 2026 runsc does not run without the programs in the folder beside it. */
const withSidecars: Variant = {
  ...gvisorVariant,
  archives: ['gvisor'],
  handler: {
    ...gvisorVariant.handler,
    requires: [...gvisorVariant.handler.requires, 'gvisor-bin/gvisor_sentry'],
    brings: ['gvisor-bin'],
  },
};

const releases = 'https://storage.googleapis.com/gvisor/releases/release';

/** As upstream publishes it, by the machine's own name for its architecture. The digest is one that public files pin. */
const archives: readonly Archive[] = [
  {
    name: 'gvisor',
    arch: 'amd64',
    url: `${releases}/20261005.0/x86_64/gvisor.tar.zstd`,
    digest: {
      algorithm: 'sha512',
      hex: '27fed731b432d6a39d908956623fd273979fda66b3ccf4b9c12413ea417c516e18a9dc3cced403fb28efe495d64dce4251f51cf8c4d9f4a72f9833bd96b6bb35',
    },
  },
  { name: 'gvisor', arch: 'arm64', url: `${releases}/20261005.0/aarch64/gvisor.tar.zstd` },
];

const generatedFiles = [{ path: 'runsc.toml', text: runscToml }];

const versions: readonly FamilyVersion[] = [
  {
    version: '20260905',
    arches: ['amd64'],
    image: 'payload-gvisor:20260905',
    variants: [gvisorVariant],
    generatedFiles,
  },
  { version: '20261005.0', arches: ['amd64', 'arm64'], archives, variants: [withSidecars], generatedFiles },
];

export const gvisor: Family = {
  name: 'gvisor',
  title: 'gVisor',
  needs: { virtualization: 'Ignored' },
  defaultVariants: ['gvisor'],
  components: [
    { name: 'containerd-shim-runsc-v1', paths: [/^containerd-shim-runsc-v1$/], license: 'Apache-2.0' },
    { name: 'runsc', paths: [/^runsc$/, /^gvisor-bin\//], license: 'Apache-2.0' },
  ],
  versions,
};
