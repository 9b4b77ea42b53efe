// Every string that the cluster or a host can see, declared once; says nothing about how it is used.

export const group = 'bulkhead.dev';
export const apiVersion = 'v1alpha1';
export const groupVersion = `${group}/${apiVersion}`;

/** Namespace of the operator and of every pod it makes. */
export const namespace = 'bulkhead-system';

/** Label on everything the operator makes; the value is the SandboxRuntime's name. */
export const runtimeLabel = `${group}/runtime`;
/** Label on node pods: which of the node jobs the pod is. */
export const jobLabel = `${group}/job`;
export type NodeJob = 'probe' | 'plan' | 'install' | 'verify' | 'remove';

/** Annotation on node pods: the revision that the pod carries out. */
export const revisionAnnotation = `${group}/revision`;
/** Annotation on DaemonSets and RuntimeClasses: hash of what was applied, so that it is not applied again. */
export const appliedAnnotation = `${group}/applied`;
/** Annotation on probe pods: kernel and engine that the node had when it was probed. */
export const probedAnnotation = `${group}/probed`;

/** Node label with the value `"true"` on nodes with working hardware virtualization. Written by the operator. */
export const kvmLabel = `${group}/kvm`;
/** Node label that lets the plan pod of a runtime onto a node, which only looks; the value is the revision. Written by the operator. */
export const planGate = (runtime: string): string => `plan.${group}/${runtime}`;
/** Node label that lets the install pod of a runtime onto a node; the value is the revision. Written by the operator. */
export const installGate = (runtime: string): string => `install.${group}/${runtime}`;
/** Node label that lets a pod onto a node that looks whether the runtime is still as it was installed; the value is the revision. Written by the operator. */
export const verifyGate = (runtime: string): string => `verify.${group}/${runtime}`;
/** Node label that lets the removal pod of a runtime onto a node; the value is the revision. Written by the operator. */
export const removeGate = (runtime: string): string => `remove.${group}/${runtime}`;
/** Node label that a verified node carries; RuntimeClasses select on it. Written by the operator. */
export const handlerLabel = (handler: string): string => `handler.${group}/${handler}`;
export const handlerReady = 'ready';

/** Finalizer on SandboxRuntimes, gone once no node carries the runtime any more. */
export const finalizer = `${group}/nodes`;

/** Server-side apply field managers, one per writer. */
export const fieldManagers = {
  /** DaemonSets, RuntimeClasses, SandboxNodes. */
  objects: 'bulkhead-operator',
  /** Status of SandboxRuntime and SandboxNode. */
  status: 'bulkhead-operator-status',
  /** The finalizer of SandboxRuntimes. */
  finalizer: 'bulkhead-operator-finalizer',
  /** Node labels that every node can carry. */
  nodeFacts: 'bulkhead-operator-facts',
  /** Node labels of one SandboxRuntime. */
  nodeLabels: (runtime: string): string => `bulkhead-operator-runtime-${runtime}`,
} as const;

export const leaseName = 'bulkhead-operator';
export const nodeServiceAccount = 'bulkhead-node';
export const operatorServiceAccount = 'bulkhead-operator';
/** Environment of the operator. */
export const operatorVariables = {
  /** Image of the node installer. */
  installerImage: 'BULKHEAD_INSTALLER_IMAGE',
  /** Where the catalogue's payload images are, e.g. `registry.example/bulkhead`. */
  payloadRepository: 'BULKHEAD_PAYLOAD_REPOSITORY',
  /** Image of the node pods' resident container. */
  pauseImage: 'BULKHEAD_PAUSE_IMAGE',
  podName: 'POD_NAME',
  podNamespace: 'POD_NAMESPACE',
} as const;

/** Where the operator serves `/healthz` and `/readyz`. */
export const operatorHealthPort = 8080;

export const probeDaemonSet = 'bulkhead-probe';
export const planDaemonSet = (runtime: string): string => `bulkhead-plan-${runtime}`;
export const installDaemonSet = (runtime: string): string => `bulkhead-install-${runtime}`;
export const verifyDaemonSet = (runtime: string): string => `bulkhead-verify-${runtime}`;
export const removeDaemonSet = (runtime: string): string => `bulkhead-remove-${runtime}`;

/** Longest SandboxRuntime name: a DaemonSet's name also becomes part of a 63-character label value (`controller-revision-hash` joins 11 more). */
export const maxRuntimeNameLength = 32;

/** Environment of node containers: the NodeTask as JSON. */
export const taskVariable = 'BULKHEAD_TASK';
/**
 * Where node containers see the host's root, their shared folder, the payload in their own image, a payload image as a volume, and
 * (stage only) the admin's authorities.
 */
export const containerPaths = {
  host: '/host',
  work: '/run/bulkhead',
  payload: '/payload',
  payloadImage: '/payload-image',
  authorities: '/etc/bulkhead/authorities',
} as const;
/** Certificate authorities that downloads trust beside those of the node; the admin's, in our namespace. */
export const authoritiesConfigMap = 'bulkhead-authorities';

/** Host paths. */
export const hostPaths = {
  /** Payloads: `<prefix>/<runtime>/<version>-<digest12>/`. */
  prefix: '/opt/bulkhead',
  /** What we must remember on a node: old bytes, what we added. */
  state: '/var/lib/bulkhead',
  /** What the dead man's switch puts back, while a change is under way. */
  undo: '/var/lib/bulkhead/undo',
  /** Where the host's systemd looks for units of the admin. */
  units: '/etc/systemd/system',
  /** Where the host's systemd reads which kernel modules to load at boot. */
  modulesLoad: '/etc/modules-load.d',
  /** Lock that keeps two installers apart. */
  lock: '/run/bulkhead.lock',
  /** Our drop-ins for containerd, imported by one glob. */
  containerdDropIns: '/etc/containerd/bulkhead.d',
  /** What we must remember about CRI-O's config. */
  crio: '/var/lib/bulkhead/crio',
  /** What we must remember about Docker's config. */
  docker: '/var/lib/bulkhead/docker',
} as const;
