// A fake host with a containerd that merges its files as a real 2.3 or 1.7 does, as far as handlers go, and lists them once restarted.
import { stringify } from 'smol-toml';
import { type ConfigTree, filesOf } from '../../node-installer/engine/containerd/config-tree.ts';
import { criPluginIdFor1, criPluginIds, runtimesAt } from '../../node-installer/engine/containerd/plugin-id.ts';
import { tableAt, type Toml } from '../../node-installer/engine/toml.ts';
import type { HostProcess } from '../../node-installer/host/host.ts';
import { readConfigTree } from '../../node-installer/steps/read-config-tree.ts';
import { type FakeDistribution, serviceProcesses } from './distribution.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const program = '/usr/bin/containerd';

export interface FakeNode {
  readonly host: FakeHost;
  restarts(): number;
}

const versions = { '1.7': 'v1.7.35', '2.3': 'v2.3.7' } as const;
type Line = keyof typeof versions;

/** A distribution writes the root config itself, at each start. */
export async function fakeNode(
  configText = 'version = 3\n',
  line: Line = '2.3',
  distribution?: FakeDistribution,
): Promise<FakeNode> {
  const host = fakeHost();
  const configPath = distribution?.configPath ?? '/etc/containerd/config.toml';
  let restarts = 0;
  let services: HostProcess[] = [];
  host.put('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS"\n');
  host.put('/proc/1/mounts', '/dev/sda / ext4 rw,relatime 0 0\n');
  host.put('/proc/cpuinfo', 'flags : fpu svm\n');
  host.put('/var/lib/some', '');
  host.put('/opt/some', '');
  host.put('/etc/systemd/system/some.service', '');
  if (!distribution) host.put(configPath, configText);
  for (const [path, text] of Object.entries(distribution?.files ?? {})) host.put(path, text);

  const start = async () => {
    host.now += 1000;
    restarts += 1;
    if (distribution) host.put(configPath, distribution.render(host.text));
    host.now += 1000;
    const engine = engineProcess(host.now, restarts, distribution);
    // Sandboxes outlive the engine.
    const others = host.running.filter((process) => !services.includes(process) && process.exe !== program);
    services = distribution ? serviceProcesses(distribution, engine) : [engine];
    host.running = [...services, ...others];
    host.now += 1000;
    const { runtimes } = await merged(host, line, configPath);
    host.answer = {
      kind: 'Answered',
      engineName: 'containerd',
      engineVersion: versions[line],
      runtimeReady: true,
      notReadyBecause: '',
      handlers: Object.keys(runtimes),
    };
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  host.onRestart = start;
  host.onRun = async ([file = '', ...args]) => {
    if (file !== program) return { exitCode: 0, stdout: 'a shim\n', stderr: '' };
    return { exitCode: 0, stdout: await dump(host, line, args[1] ?? ''), stderr: '' };
  };
  await start();
  restarts = 0;
  return { host, restarts: () => restarts };
}

function engineProcess(startedMs: number, number: number, distribution?: FakeDistribution): HostProcess {
  return {
    pid: 100 + number,
    identity: `boot/${number}`,
    exe: program,
    argv: distribution ? [program, '-c', distribution.configPath, '-a', distribution.socket] : [program],
    cgroups: ['/system.slice/containerd.service'],
    nested: false,
    startedMs,
  };
}

async function dump(host: FakeHost, line: Line, path: string): Promise<string> {
  const { root, runtimes } = await merged(host, line, path);
  const id = line === '1.7' ? criPluginIds.old : criPluginIds.new;
  return stringify({ ...root, version: line === '1.7' ? 2 : 4, plugins: { [id]: { containerd: { runtimes } } } });
}

async function merged(host: FakeHost, line: Line, path: string): Promise<{ root: Toml; runtimes: Toml }> {
  const reading = await readConfigTree(host, path);
  if (reading.kind === 'Unparsable') throw new Error(reading.why);
  const root = reading.tree.root?.table ?? {};
  return { root, runtimes: line === '1.7' ? runtimesOf17(reading.tree) : runtimesOf23(reading.tree) };
}

/** They join those that it has by itself, from whatever file and under either id. */
function runtimesOf23(tree: ConfigTree): Toml {
  const tables = filesOf(tree).flatMap(({ table }) => Object.values(criPluginIds).map((id) => runtimesAt(table, id)));
  return Object.assign({ runc: {} }, ...tables) as Toml;
}

/** The last file with settings of the CRI decides, and takes away those that it has by itself. */
function runtimesOf17(tree: ConfigTree): Toml {
  const id = criPluginIdFor1(tree);
  const deciding = filesOf(tree).findLast(({ table }) => id in tableAt(table, 'plugins'))?.table ?? {};
  const runtimes = runtimesAt(deciding, id);
  return Object.keys(runtimes).length > 0 ? runtimes : { runc: { runtime_type: 'io.containerd.runc.v2', options: {} } };
}
