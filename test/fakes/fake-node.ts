// A fake host with a containerd 2.3 that merges its files as the real one does, as far as handlers go, and lists them once restarted.
import { stringify } from 'smol-toml';
import { filesOf } from '../../node-installer/engine/containerd/config-tree.ts';
import { criPluginIds, handlersOf } from '../../node-installer/engine/containerd/plugin-id.ts';
import { parseToml, tableAt } from '../../node-installer/engine/toml.ts';
import type { HostProcess } from '../../node-installer/host/host.ts';
import { readConfigTree } from '../../node-installer/steps/read-config-tree.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const configPath = '/etc/containerd/config.toml';
const program = '/usr/bin/containerd';

export interface FakeNode {
  readonly host: FakeHost;
  restarts(): number;
}

export async function fakeNode(configText = 'version = 3\n'): Promise<FakeNode> {
  const host = fakeHost();
  let restarts = 0;
  host.put('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS"\n');
  host.put('/proc/1/mounts', '/dev/sda / ext4 rw,relatime 0 0\n');
  host.put('/proc/cpuinfo', 'flags : fpu svm\n');
  host.put('/var/lib/some', '');
  host.put('/opt/some', '');
  host.put('/etc/systemd/system/some.service', '');
  host.put(configPath, configText);

  const start = async () => {
    host.now += 1000;
    restarts += 1;
    host.running = [engineProcess(host.now, restarts)];
    host.now += 1000;
    const tree = await readConfigTree(host, configPath);
    const handlers = tree.kind === 'Read' ? filesOf(tree.tree).flatMap(({ table }) => handlersOf(table)) : [];
    host.answer = {
      kind: 'Answered',
      engineName: 'containerd',
      engineVersion: 'v2.3.7',
      runtimeReady: true,
      notReadyBecause: '',
      handlers: ['runc', ...handlers],
    };
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  host.onRestart = start;
  host.onRun = async ([file = '', ...args]) => {
    if (file !== program) return { exitCode: 0, stdout: 'a shim\n', stderr: '' };
    return { exitCode: 0, stdout: await dump(host, args[1] ?? ''), stderr: '' };
  };
  await start();
  restarts = 0;
  return { host, restarts: () => restarts };
}

function engineProcess(startedMs: number, number: number): HostProcess {
  return {
    pid: 100 + number,
    identity: `boot/${number}`,
    exe: program,
    argv: [program],
    cgroups: ['/system.slice/containerd.service'],
    nested: false,
    startedMs,
  };
}

async function dump(host: FakeHost, path: string): Promise<string> {
  const reading = await readConfigTree(host, path);
  if (reading.kind === 'Unparsable') throw new Error(reading.why);
  const runtimes = filesOf(reading.tree).flatMap(({ table }) =>
    Object.values(criPluginIds).map((id) => tableAt(table, 'plugins', id, 'containerd', 'runtimes')),
  );
  const root = reading.tree.root?.table ?? parseToml('');
  const plugins = {
    [criPluginIds.new]: { containerd: { runtimes: Object.assign({ runc: {} }, ...runtimes) as object } },
  };
  return stringify({ ...root, version: 4, plugins });
}
