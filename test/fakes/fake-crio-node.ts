// A fake host with a CRI-O 1.34 that merges its files as the real one does, as far as handlers go, and lists them once restarted.
import { stringify } from 'smol-toml';
import { crioHandler, crioHandlers, crioPaths } from '../../node-installer/engine/crio/config-files.ts';
import type { Toml } from '../../node-installer/engine/toml.ts';
import { readCrioFiles } from '../../node-installer/steps/drivers/crio-config.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';
import type { FakeNode } from './fake-node.ts';

const program = '/usr/bin/crio';
export const crioPackageFile = '/etc/crio/crio.conf.d/10-crio.conf';

/** `files` by path; a running CRI-O has read them, whatever is in them. */
export async function fakeCrioNode(
  files: Readonly<Record<string, string>> = { [crioPackageFile]: '[crio.runtime]\ndefault_runtime = "crun"\n' },
  argv: readonly string[] = [program],
): Promise<FakeNode> {
  const host = fakeHost();
  let restarts = 0;
  host.put('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS"\n');
  host.put('/proc/1/mounts', '/dev/sda / ext4 rw,relatime 0 0\n');
  host.put('/proc/cpuinfo', 'flags : fpu svm\n');
  for (const path of ['/var/lib/some', '/opt/some', '/etc/some', '/etc/systemd/system/some.service'])
    host.put(path, '');
  for (const [path, text] of Object.entries(files)) host.put(path, text);

  host.onRestart = async () => {
    host.now += 1000;
    restarts += 1;
    // Sandboxes outlive the engine.
    host.running = [crioProcess(argv, host.now, restarts), ...host.running.filter(({ exe }) => exe !== program)];
    host.now += 1000;
    const runtimes = await merged(host, argv);
    const isRunnable = async (name: string) => name === 'crun' || host.stat(runtimePath(runtimes[name]));
    const listed = await Promise.all(
      Object.keys(runtimes).map(async (name) => ((await isRunnable(name)) ? [name] : [])),
    );
    host.answer = {
      kind: 'Answered',
      engineName: 'cri-o',
      engineVersion: '1.34.0',
      runtimeReady: true,
      notReadyBecause: '',
      handlers: listed.flat(),
    };
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  host.onRun = async ([file = '', ...words]) => {
    if (file !== program) return { exitCode: 0, stdout: 'a shim\n', stderr: '' };
    return { exitCode: 0, stdout: print(await merged(host, words)), stderr: '' };
  };
  await host.onRestart('crio.service');
  restarts = 0;
  return { host, restarts: () => restarts };
}

function crioProcess(argv: readonly string[], startedMs: number, number: number) {
  const cgroups = ['/system.slice/crio.service'];
  return { pid: 100 + number, identity: `boot/${number}`, exe: program, argv, cgroups, nested: false, startedMs };
}

function runtimePath(table: Toml | undefined): string {
  const path = table?.['runtime_path'];
  return typeof path === 'string' ? path : '';
}

/** A later table of a handler replaces the earlier one whole. */
async function merged(host: FakeHost, argv: readonly string[]): Promise<Record<string, Toml>> {
  const reading = await readCrioFiles(host, crioPaths(argv));
  if (reading.kind === 'Unparsable') throw new Error(reading.why);
  const tables = reading.files.flatMap(({ table }) =>
    crioHandlers(table).map((name) => [name, crioHandler(table, name)] as const),
  );
  return { crun: { runtime_type: 'oci' }, ...Object.fromEntries(tables) };
}

/** What is as by default is not printed: that is all of it as long as there is no handler but the default one. */
function print(runtimes: Record<string, Toml>): string {
  const shown = Object.keys(runtimes).length > 1 ? { runtimes } : {};
  return stringify({ crio: { runtime: shown } });
}
