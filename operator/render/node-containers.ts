// The containers of node pods, each with the least rights that its step can do with.
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import { authoritiesConfigMap, containerPaths, taskVariable } from '../../crds/names.ts';
import type { NodeStep } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';

type Rights = {
  readonly host: 'read' | 'write';
  readonly may: 'privileged' | readonly string[];
};

/** *Source*: what each step does; see its file under node-installer/steps. */
const rightsOf: Record<NodeStep, Rights> = {
  probe: { host: 'read', may: [] },
  plan: { host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
  preflight: { host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
  stage: { host: 'write', may: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
  activate: { host: 'write', may: 'privileged' },
  verify: { host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
  remove: { host: 'write', may: 'privileged' },
};

/** The SELinux type of containers that may see the host: without it they see nothing of it. No effect where SELinux is off. */
const hostType = 'spc_t';

export const hostVolume: IVolume = { name: 'host', hostPath: { path: '/' } };
/** Shared by the steps of one pod; memory, so that it never outlives a boot. */
export const workVolume: IVolume = { name: 'work', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } };

/** Whoever downloads sees it. Pods start without it as well. */
export const authoritiesVolume: IVolume = {
  name: 'authorities',
  configMap: { name: authoritiesConfigMap, optional: true },
};

const payloadVolumeName = 'payload';

/** An image, mounted as a whole: containerd 2.1 takes no notice of a path inside it. */
export function payloadVolume(reference: string): IVolume {
  return { name: payloadVolumeName, image: { reference, pullPolicy: 'IfNotPresent' } };
}

/** The step with the payload where {@link payloadVolume} brings it. */
export function withPayloadVolume(container: IContainer): IContainer {
  return {
    ...container,
    args: [...(container.args ?? []), '--payload', `${containerPaths.payloadImage}${containerPaths.payload}`],
    volumeMounts: [
      ...(container.volumeMounts ?? []),
      { name: payloadVolumeName, mountPath: containerPaths.payloadImage, readOnly: true },
    ],
  };
}

export function stepContainer(
  step: NodeStep,
  image: string,
  task?: NodeTask,
  variables: Readonly<Record<string, string>> = {},
): IContainer {
  const { host, may } = rightsOf[step];
  return {
    name: step,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [step],
    ...(task && { env: environment({ [taskVariable]: JSON.stringify(task), ...variables }) }),
    securityContext: { runAsUser: 0, readOnlyRootFilesystem: true, ...privilegesOf(may) },
    volumeMounts: [
      {
        name: hostVolume.name,
        mountPath: containerPaths.host,
        mountPropagation: 'None',
        ...(host === 'read' && { readOnly: true }),
      },
      ...(task ? [{ name: workVolume.name, mountPath: containerPaths.work }] : []),
      ...(step === 'stage'
        ? [{ name: authoritiesVolume.name, mountPath: containerPaths.authorities, readOnly: true }]
        : []),
    ],
  };
}

function environment(variables: Readonly<Record<string, string>>): NonNullable<IContainer['env']> {
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

function privilegesOf(may: Rights['may']): NonNullable<IContainer['securityContext']> {
  if (may === 'privileged') return { privileged: true };
  return {
    capabilities: { drop: ['ALL'], ...(may.length > 0 && { add: [...may] }) },
    seLinuxOptions: { type: hostType },
  };
}

/** All that stays on a node: nothing of ours, without rights or mounts. */
export function pauseContainer(image: string): IContainer {
  return {
    name: 'pause',
    image,
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      runAsUser: 65535,
      runAsGroup: 65535,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '1m', memory: '1Mi' } },
  };
}
