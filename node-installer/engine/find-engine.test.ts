import { describe, expect, it } from 'vitest';
import { type EngineProcess, findEngine, flag, kubeletSocket, type ProcessView } from './find-engine.ts';

function process(argv: string, change: Partial<ProcessView> = {}): ProcessView {
  return { pid: 1, argv: argv.split(' '), cgroups: ['/system.slice/some.service'], nested: false, ...change };
}

const socketOf = ({ socketFlag }: EngineProcess<ProcessView>) => socketFlag ?? '/run/containerd/containerd.sock';
const find = (processes: ProcessView[], used?: string) => findEngine(processes, used, socketOf);

describe('findEngine()', () => {
  it('takes config, socket and unit from the running process', () => {
    const argv = '/opt/bin/containerd -c /data/c.toml --address=/run/x/containerd.sock';
    const engine = find([process(argv, { cgroups: ['/', '/system.slice/my-containerd.service'] })]);
    expect(engine).toMatchObject({
      kind: 'containerd',
      configPath: '/data/c.toml',
      socketFlag: '/run/x/containerd.sock',
      unit: 'my-containerd.service',
    });
  });

  it('falls back to what an engine without flags and unit has', () => {
    expect(find([process('containerd', { cgroups: ['/'] })])).toMatchObject({
      configPath: '/etc/containerd/config.toml',
      unit: 'containerd.service',
    });
  });

  it.each([
    ['in a container', { nested: true }],
    ['in a pod with the PIDs of the host', { cgroups: ['/kubelet/kubepods/burstable/pod1/abc'] }],
  ])('leaves alone a containerd %s', (_, change) => {
    expect(find([process('containerd', change)])).toBeUndefined();
  });

  it('leaves alone a containerd that only prints its config, and a shim', () => {
    expect(find([process('containerd config dump'), process('/bin/containerd-shim-runc-v2 -id a')])).toBeUndefined();
  });

  it('takes the one whose socket kubelet was given', () => {
    const system = process('containerd --address /run/system/containerd.sock');
    const used = process('containerd --address /run/cri/containerd.sock');
    expect(find([system, used], '/run/cri/containerd.sock')?.process).toBe(used);
  });

  it('takes the socket of a CRI-O from its flag', () => {
    expect(find([process('/usr/bin/crio --listen unix:///run/my.sock')])).toMatchObject({
      kind: 'cri-o',
      socketFlag: '/run/my.sock',
    });
  });

  it('leaves alone a CRI-O that only shows its state', () => {
    expect(find([process('crio status config')])).toBeUndefined();
  });

  it('takes the one with a config of its own where kubelet is part of a larger program, as on K3s beside Docker', () => {
    const docker = process('/usr/bin/containerd');
    const used = process('containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml');
    expect(find([docker, used])?.process).toBe(used);
  });

  it('takes Docker’s own containerd for no engine', () => {
    expect(find([process('containerd --config /var/run/docker/containerd/containerd.toml')])).toBeUndefined();
  });

  it.each([
    ['/usr/bin/crio', 'cri-o'],
    ['/usr/bin/cri-dockerd --x', 'docker'],
  ])('knows %s', (argv, kind) => {
    expect(find([process('/usr/bin/kubelet'), process(argv)])?.kind).toBe(kind);
  });
});

describe('kubeletSocket()', () => {
  it.each([
    [
      'a flag',
      ['--container-runtime-endpoint=unix:///run/a.sock'],
      'containerRuntimeEndpoint: unix:///run/b.sock',
      '/run/a.sock',
    ],
    ['YAML', [], 'kind: X\ncontainerRuntimeEndpoint: "unix:///var/run/b.sock"\n', '/run/b.sock'],
    ['JSON', [], '{\n  "containerRuntimeEndpoint": "unix:///run/c.sock",\n}', '/run/c.sock'],
    ['an empty value', [], 'containerRuntimeEndpoint: ""\n', undefined],
    ['nothing', [], '', undefined],
  ])('reads %s', (_, argv, config, socket) => {
    expect(kubeletSocket(argv, config)).toBe(socket);
  });
});

describe('flag()', () => {
  it.each([
    [['x', '--config', '/a'], '/a'],
    [['x', '-config=/a'], '/a'],
    [['x', '-c', '/a'], '/a'],
    [['x', '--config-dir', '/a'], undefined],
  ])('reads %j', (argv, value) => {
    expect(flag(argv, ['config', 'c'])).toBe(value);
  });
});
