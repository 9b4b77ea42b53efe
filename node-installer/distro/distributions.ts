// How Kubernetes was put on a node: what gives it away, and whether its engine's config is ours to edit. Data and one look-up.

export type Distribution = {
  readonly name: string;
  /** Folders of its own that hold the engine's config or socket. */
  readonly enginePaths?: readonly string[];
  /** `ID` in os-release. */
  readonly osIds?: readonly string[];
  /** Files that only it has. */
  readonly markers?: readonly string[];
  /** Why nothing can ever be changed on such a node, as the end of a sentence. */
  readonly unwritableBecause?: string;
};

const immutable = 'its root file system and the config of its containerd are not for others to write';

/** In the order in which they are looked for: what wraps the engine before what only runs on top. */
const distributions: readonly Distribution[] = [
  {
    name: 'rke2',
    enginePaths: ['/var/lib/rancher/rke2'],
    markers: ['/etc/rancher/rke2'],
  },
  // RKE2 uses /run/k3s as well.
  { name: 'k3s', enginePaths: ['/var/lib/rancher/k3s', '/run/k3s'] },
  { name: 'k0s', enginePaths: ['/etc/k0s', '/run/k0s', '/var/lib/k0s'] },
  { name: 'microk8s', enginePaths: ['/var/snap/microk8s'] },
  { name: 'talos', osIds: ['talos'], unwritableBecause: immutable },
  { name: 'bottlerocket', osIds: ['bottlerocket'], unwritableBecause: immutable },
  { name: 'kind', markers: ['/kind/version'] },
  { name: 'minikube', markers: ['/var/lib/minikube'] },
  { name: 'gke', markers: ['/home/kubernetes/kube-env'] },
  { name: 'aks', markers: ['/etc/kubernetes/azure.json'] },
  { name: 'eks', markers: ['/etc/eks'] },
  { name: 'kops', markers: ['/opt/kops'] },
  { name: 'kubeadm', markers: ['/var/lib/kubelet/kubeadm-flags.env', '/etc/kubernetes/kubelet.conf'] },
];

const unknownDistribution: Distribution = { name: 'kubernetes' };

export type DistributionTraces = {
  readonly osId: string;
  /** Paths in the engine's command line. */
  readonly enginePaths: readonly string[];
  /** Those of {@link markerPaths} that are there. */
  readonly markers: ReadonlySet<string>;
};

export const markerPaths: readonly string[] = distributions.flatMap(({ markers = [] }) => markers);

export function detectDistribution({ osId, enginePaths, markers }: DistributionTraces): Distribution {
  const isIn = (folder: string) => enginePaths.some((path) => path === folder || path.startsWith(`${folder}/`));
  const found = distributions.find(
    (candidate) =>
      candidate.enginePaths?.some(isIn) === true ||
      candidate.osIds?.includes(osId) === true ||
      candidate.markers?.some((marker) => markers.has(marker)) === true,
  );
  return found ?? unknownDistribution;
}
