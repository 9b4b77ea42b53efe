// The table of what may import what, as data; oxlint.config.ts turns it into lint rules. It does not look at any file.

/** One layer, a folder. The most specific layer that holds a file rules it; a test beside a source may import a little more. */
export interface Layer {
  readonly at: string;
  /** Other folders or files that it may import, from the root of the repository. */
  readonly layers: readonly string[];
  readonly packages: readonly string[] | 'any';
  /** Packages that it may import types from, and nothing that is there at run time. */
  readonly typesOf?: readonly string[];
  readonly node: readonly string[] | 'any' | 'none';
  /** One sentence for whoever breaks the rule. */
  readonly because: string;
}

const kubernetesTypes = ['kubernetes-models', '@kubernetes-models/*'];

/** Ordered from general to specific: the last that holds a file counts. */
export const layers: readonly Layer[] = [
  {
    at: 'crds',
    layers: [],
    packages: ['zod'],
    node: 'none',
    because: 'it is the vocabulary everyone shares',
  },
  {
    at: 'runtime',
    layers: ['crds'],
    packages: [],
    node: 'none',
    because: 'the catalogue is data',
  },
  {
    at: 'operator',
    layers: ['crds', 'runtime'],
    packages: 'any',
    node: 'any',
    because: 'what runs on nodes and what is in the charts is not part of the operator',
  },
  {
    at: 'operator/kube',
    layers: ['crds'],
    packages: ['@kubernetes/client-node'],
    typesOf: [...kubernetesTypes, 'pino'],
    node: 'any',
    because: 'it talks to the API server and decides nothing',
  },
  {
    at: 'operator/plan',
    layers: ['crds', 'runtime'],
    packages: ['smol-toml'],
    typesOf: kubernetesTypes,
    node: 'none',
    because: 'plans are pure: no clock, no I/O, no logger',
  },
  {
    at: 'operator/render',
    layers: ['crds', 'runtime', 'operator/plan'],
    packages: [],
    typesOf: kubernetesTypes,
    node: 'none',
    because: 'rendering is pure: no clock, no I/O, no logger',
  },
  {
    at: 'node-installer',
    layers: ['crds', 'runtime'],
    packages: 'any',
    node: 'any',
    because: 'a node knows nothing of the operator or the charts',
  },
  {
    at: 'node-installer/engine',
    layers: ['crds'],
    packages: ['smol-toml'],
    node: 'none',
    because: 'config editing is string to string',
  },
  {
    at: 'node-installer/distro',
    layers: ['crds'],
    packages: ['smol-toml'],
    node: 'none',
    because: 'the table of distributions is data',
  },
  {
    at: 'node-installer/steps',
    layers: [
      'crds',
      'runtime',
      'node-installer/engine',
      'node-installer/distro',
      'node-installer/payload',
      'node-installer/host/host.ts',
    ],
    packages: [],
    node: ['node:path', 'node:path/posix', 'node:crypto'],
    because: 'steps reach the machine through the Host port alone',
  },
  {
    at: 'charts',
    layers: ['crds'],
    packages: ['cdk8s', 'constructs', 'kubernetes-models', '@kubernetes-models/*', 'yaml'],
    node: 'any',
    because: "charts describe what is deployed and share no code with it but the API's names",
  },
];
