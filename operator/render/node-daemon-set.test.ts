import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { describe, expect, it } from 'vitest';
import { type NodeTask, nodeTask } from '../../crds/node-task.ts';
import { installOn, planOn, probeOn, removeOn, verifyOn } from './node-daemon-set.ts';
import { runtimeOwner } from './owner.ts';

const images = { installerImage: 'installer:1', pauseImage: 'pause:1', payloadImage: 'payload:1' };
const task: NodeTask = {
  runtime: 'gvisor',
  family: 'gvisor',
  version: '1',
  revision: 'abc',
  handlers: [{ name: 'gvisor', runtimeType: 'x', options: {}, podAnnotations: [], requires: [] }],
  sources: [{ kind: 'image' }],
  takes: 'Needed',
  generatedFiles: [],
  needs: { virtualization: 'Ignored' },
  force: false,
};
const owner = runtimeOwner({ name: 'gvisor', uid: 'u' });
const probe = probeOn(images, 'p1');
const plan = planOn(images, task, owner);
const install = installOn(images, task, owner);
const verify = verifyOn(images, task, owner);
const remove = removeOn(images, { ...task, force: true }, owner);
const all: [string, IDaemonSet][] = [
  ['probe', probe],
  ['plan', plan],
  ['install', install],
  ['verify', verify],
  ['remove', remove],
];

const podOf = (daemonSet: IDaemonSet) => daemonSet.spec!.template.spec!;
const rights = (daemonSet: IDaemonSet) =>
  Object.fromEntries(
    (podOf(daemonSet).initContainers ?? []).map(({ name, image, securityContext, volumeMounts }) => [
      name,
      {
        image,
        host: volumeMounts?.find(({ mountPath }) => mountPath === '/host')?.readOnly ? 'read' : 'write',
        may: securityContext?.privileged ? 'all' : (securityContext?.capabilities?.add ?? []),
      },
    ]),
  );

describe('node pods', () => {
  it.each(all)('of %s have no token, no host network, and are replaced only when deleted', (_, daemonSet) => {
    expect(daemonSet.spec?.updateStrategy).toEqual({ type: 'OnDelete' });
    expect(podOf(daemonSet)).toMatchObject({
      automountServiceAccountToken: false,
      serviceAccountName: 'bulkhead-node',
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
    });
    for (const field of ['hostNetwork', 'hostIPC']) expect(podOf(daemonSet)).not.toHaveProperty(field);
  });

  it('may see the host also where SELinux confines containers', () => {
    const steps = all.flatMap(([, daemonSet]) => podOf(daemonSet).initContainers ?? []);
    const confined = steps.filter(({ securityContext }) => securityContext?.privileged !== true);
    expect(confined.map(({ securityContext }) => securityContext?.seLinuxOptions)).toEqual(
      confined.map(() => ({ type: 'spc_t' })),
    );
    expect(podOf(install).containers[0]?.securityContext).not.toHaveProperty('seLinuxOptions');
  });

  it('see the host’s processes only where the engine may be restarted', () => {
    expect(all.map(([, daemonSet]) => podOf(daemonSet).hostPID)).toEqual([undefined, undefined, true, undefined, true]);
  });

  it.each(all)('of %s leave nothing behind but a container without rights or mounts', (_, daemonSet) => {
    expect(podOf(daemonSet).containers).toEqual([
      {
        name: 'pause',
        image: 'pause:1',
        imagePullPolicy: 'IfNotPresent',
        securityContext: {
          runAsUser: 65_535,
          runAsGroup: 65_535,
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: '1m', memory: '1Mi' } },
      },
    ]);
  });

  it('give each step no more rights than it needs', () => {
    expect(rights(probe)).toEqual({ probe: { image: 'installer:1', host: 'read', may: [] } });
    expect(rights(plan)).toEqual({
      plan: { image: 'payload:1', host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
    });
    expect(rights(verify)).toEqual({
      verify: { image: 'installer:1', host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
    });
    expect(rights(install)).toEqual({
      preflight: { image: 'installer:1', host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
      stage: { image: 'payload:1', host: 'write', may: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
      activate: { image: 'installer:1', host: 'write', may: 'all' },
      verify: { image: 'installer:1', host: 'read', may: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH'] },
    });
    expect(rights(remove)).toEqual({ remove: { image: 'installer:1', host: 'write', may: 'all' } });
  });

  it('run their steps in order, each with the whole task', () => {
    const containers = podOf(install).initContainers ?? [];
    expect(containers.map(({ args }) => args?.[0])).toEqual(['preflight', 'stage', 'activate', 'verify']);
    const tasks = containers.map(({ env }) => nodeTask.parse(JSON.parse(env?.[0]?.value ?? '')));
    expect(tasks).toEqual([task, task, task, task]);
  });

  it('give the proxy to the step that downloads', () => {
    const proxy = { HTTPS_PROXY: 'http://proxy.example:3128' };
    const containers = podOf(installOn({ ...images, proxy }, task, owner)).initContainers ?? [];
    const users = containers.filter(({ env }) => env?.some(({ name }) => name === 'HTTPS_PROXY'));
    expect(users.map(({ name }) => name)).toEqual(['stage']);
  });

  it('show the admin’s authorities to the step that downloads, and start without them', () => {
    const { volumes, initContainers = [] } = podOf(install);
    expect(volumes).toContainEqual({
      name: 'authorities',
      configMap: { name: 'bulkhead-authorities', optional: true },
    });
    const seers = initContainers.filter(({ volumeMounts = [] }) =>
      volumeMounts.some(({ name, readOnly }) => name === 'authorities' && readOnly),
    );
    expect(seers.map(({ name }) => name)).toEqual(['stage']);
  });

  it('go only to nodes whose gate is open', () => {
    const gates = all.map(([, daemonSet]) => {
      const affinity = podOf(daemonSet).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      return affinity?.nodeSelectorTerms[0]?.matchExpressions;
    });
    expect(gates).toEqual([
      undefined,
      [{ key: 'plan.bulkhead.dev/gvisor', operator: 'Exists' }],
      [{ key: 'install.bulkhead.dev/gvisor', operator: 'Exists' }],
      [{ key: 'verify.bulkhead.dev/gvisor', operator: 'Exists' }],
      [{ key: 'remove.bulkhead.dev/gvisor', operator: 'Exists' }],
    ]);
  });

  it('carry the revision, and labels that select them', () => {
    expect(all.map(([, { spec }]) => spec?.template.metadata?.annotations)).toEqual(
      ['p1', 'abc', 'abc', 'abc', 'abc'].map((revision) => ({ 'bulkhead.dev/revision': revision })),
    );
    for (const [, { spec }] of all) expect(spec?.selector.matchLabels).toEqual(spec?.template.metadata?.labels);
  });

  it('go with their SandboxRuntime', () => {
    expect(install.metadata?.ownerReferences).toEqual([
      { apiVersion: 'bulkhead.dev/v1alpha1', kind: 'SandboxRuntime', name: 'gvisor', uid: 'u' },
    ]);
    expect(probe.metadata).not.toHaveProperty('ownerReferences');
  });
});

describe('a payload image that is mounted', () => {
  const mounted = { ...images, payloadImage: 'installer:1', payloadVolume: 'data:1' };
  const bring = [
    ['install', installOn(mounted, task, owner), 'stage'],
    ['plan', planOn(mounted, task, owner), 'plan'],
  ] as const;

  it.each(bring)(
    'is read by the installer of the %s pod, in the step that needs it and no other',
    (_, daemonSet, reader) => {
      const { volumes, initContainers = [] } = podOf(daemonSet);
      expect(volumes).toContainEqual({ name: 'payload', image: { reference: 'data:1', pullPolicy: 'IfNotPresent' } });
      const mounting = initContainers.filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ name }) => name === 'payload'),
      );
      expect(mounting).toMatchObject([
        { name: reader, image: 'installer:1', args: [reader, '--payload', '/payload-image/payload'] },
      ]);
      expect(mounting[0]?.volumeMounts).toContainEqual({
        name: 'payload',
        mountPath: '/payload-image',
        readOnly: true,
      });
    },
  );
});
