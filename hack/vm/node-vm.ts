// Switches a node VM on and off as its plug does, and runs commands in it. It knows no Kubernetes.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { exists } from '../exists.ts';
import { isAlive, killProcess, startDetached } from '../docker/processes.ts';
import type { Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';
import { sshKeyFile } from './credentials.ts';
import { holdMachine } from './hold-machine.ts';
import { diskFile } from './image.ts';
import { qemuArguments, type VmFiles } from './machine.ts';
import type { Vm } from './plan.ts';
import { firmwareFolders, qemuCommand } from './qemu.ts';
import { changeState, folderOf, readState } from './state.ts';

export interface NodeVm {
  readonly name: string;
  /** Boots from the disk as it is, unless it is on, and waits until it takes commands. */
  powerOn(): Promise<void>;
  /** Cuts the power: what the VM has not written is lost. */
  powerOff(): Promise<void>;
  /** A shell command as root. */
  run(command: string): Promise<string>;
  readonly console: string;
}

export interface VmArtifacts {
  readonly qemu: string;
  readonly 'vm-image': string;
}

/** On a quiet machine a boot takes 15 s, on one with ten times as much to do as it can, 120. */
const bootMs = 180_000;
/** An emulated machine has hung before it came to its disk, its processors idle. */
const bootTries = 3;

export const seedFile = (cluster: string, vm: Vm): string => join(folderOf(cluster), `${vm.name}.seed`);

/** The disk with the images that all VMs of a cluster have from the start. */
export const storeFile = (cluster: string): string => join(folderOf(cluster), 'store.raw');

export const nodeVm = (cluster: string, vm: Vm, artifacts: VmArtifacts, say: Say): NodeVm => {
  const folder = folderOf(cluster);
  const files = filesOf(cluster, vm, artifacts);
  const ssh = sshCommand(folder, vm);
  const machine = async () => (await readState(cluster))?.machines[vm.name];
  const start = async () => {
    const before = await machine();
    if (before !== undefined && (await isAlive(before))) return;
    await ensureOverlay(files.disk, join(artifacts['vm-image'], diskFile), artifacts);
    await ensureOverlay(files.store, storeFile(cluster), artifacts);
    const command = [...qemuCommand(artifacts.qemu, 'qemu-system-x86_64'), ...qemuArguments(vm, files)];
    const started = await startDetached(command, join(folder, `${vm.name}-qemu.log`));
    await changeState(cluster, (state) => ({ ...state, machines: { ...state.machines, [vm.name]: started } }));
  };
  const powerOff = async () => {
    const running = await machine();
    if (running !== undefined) await killProcess(running);
  };
  return {
    name: vm.name,
    powerOn: async () => {
      await start();
      for (let left = bootTries - 1; !(await isUp(ssh)); left -= 1) {
        const hangs = `${vm.name} takes no commands after ${bootMs / 1000} s`;
        if (left === 0) throw new Error(`Cannot boot ${vm.name}: ${hangs}. See ${files.console}.`);
        say(`${hangs}: cutting its power and booting it again`);
        await powerOff();
        await start();
      }
      await run([...ssh, holdMachine]);
    },
    powerOff,
    run: (command) => run([...ssh, command]),
    console: files.console,
  };
};

const filesOf = (cluster: string, vm: Vm, artifacts: VmArtifacts): VmFiles => ({
  kernel: join(artifacts['vm-image'], 'vmlinuz'),
  initrd: join(artifacts['vm-image'], 'initrd'),
  disk: join(folderOf(cluster), `${vm.name}.qcow2`),
  seed: seedFile(cluster, vm),
  store: join(folderOf(cluster), `${vm.name}-store.qcow2`),
  console: join(folderOf(cluster), `${vm.name}-console.log`),
  firmware: firmwareFolders(artifacts.qemu),
});

/** What differs from a disk that all VMs share and none changes. */
const ensureOverlay = async (disk: string, base: string, { qemu }: VmArtifacts): Promise<void> => {
  if (await exists(disk)) return;
  await run([...qemuCommand(qemu, 'qemu-img'), 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, disk]);
};

/** Keys and addresses are those of one cluster, so nothing is remembered of them. */
const sshCommand = (folder: string, vm: Vm): readonly string[] => [
  ...['ssh', '-i', sshKeyFile(folder), '-p', String(vm.sshPort)],
  ...['LogLevel=ERROR', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=10']
    .concat('IdentitiesOnly=yes', 'ServerAliveInterval=10', 'ServerAliveCountMax=6')
    .flatMap((option) => ['-o', option]),
  'root@127.0.0.1',
];

/** Waits for it; false when it is too late. */
const isUp = async (ssh: readonly string[]): Promise<boolean> => {
  const deadline = Date.now() + bootMs;
  while ((await tryRun([...ssh, 'true'])).code !== 0) {
    if (Date.now() > deadline) return false;
    await sleep(500);
  }
  return true;
};
