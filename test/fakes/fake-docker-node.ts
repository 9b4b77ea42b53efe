// A fake host whose kubelet goes through cri-dockerd to a Docker 20.10, which takes its runtimes at a reload as the real one does.
import { readDaemonJson } from '../../node-installer/engine/docker/daemon-json.ts';
import { fakeHost } from './fake-host.ts';
import type { FakeNode } from './fake-node.ts';

export const daemonJson = '/etc/docker/daemon.json';

export interface FakeDockerNode extends FakeNode {
  reloads(): number;
}

type Change = { readonly argv?: readonly string[]; readonly version?: string };

export function fakeDockerNode(
  text?: string,
  { argv = ['/usr/bin/dockerd', '-H', 'fd://'], version = '20.10.24+dfsg1' }: Change = {},
): FakeDockerNode {
  const host = fakeHost();
  let reloads = 0;
  let restarts = 0;
  host.put('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS"\n');
  host.put('/proc/1/mounts', '/dev/sda / ext4 rw,relatime 0 0\n');
  host.put('/proc/cpuinfo', 'flags : fpu svm\n');
  for (const path of ['/var/lib/some', '/opt/some', '/etc/some', '/etc/systemd/system/some.service'])
    host.put(path, '');
  if (text !== undefined) host.put(daemonJson, text);
  host.running = [
    process(11, ['/usr/bin/cri-dockerd', '--container-runtime-endpoint', 'fd://'], 'cri-docker.service'),
    process(12, argv, 'docker.service'),
  ];

  let runtimes: readonly string[] = [];
  /** A file without the key changes nothing, and neither does one that cannot be read. */
  const load = () => {
    const file = host.text(daemonJson);
    const reading = readDaemonJson(file === undefined ? undefined : new TextEncoder().encode(file));
    if (reading.kind === 'Read' && reading.config.runtimes) runtimes = Object.keys(reading.config.runtimes);
    host.answer = {
      kind: 'Answered',
      engineName: 'docker',
      engineVersion: version,
      runtimeReady: true,
      notReadyBecause: '',
      handlers: ['runc', ...runtimes],
    };
  };
  host.onSystemctl = ([verb, unit]) => {
    if (verb === 'reload' && unit === 'docker.service') {
      reloads += 1;
      load();
    }
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  host.onRestart = () => {
    restarts += 1;
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  load();
  host.now += 1000;
  return { host, restarts: () => restarts, reloads: () => reloads };
}

function process(pid: number, argv: readonly string[], unit: string) {
  const [exe = ''] = argv;
  return { pid, identity: `boot/${pid}`, exe, argv, cgroups: [`/system.slice/${unit}`], nested: false, startedMs: 0 };
}
