// Switches a node VM on and off as its plug does, and runs commands in it. It knows no Kubernetes.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { exists } from '../exists.ts';
import { isAlive, killProcess, startDetached } from '../docker/processes.ts';
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
  /** Boots from the disk as it is; does nothing when it is on. */
  powerOn(): Promise<void>;
  /** Cuts the power: what the VM has not written is lost. */
  powerOff(): Promise<void>;
  /** A shell command as root. */
  run(command: string): Promise<string>;
  /** Waits until it takes commands. */
  waitUntilUp(): Promise<void>;
  readonly console: string;
}

export interface VmArtifacts {
  readonly qemu: string;
  readonly 'vm-image': string;
}

const UP_TIMEOUT_MS = 300_000;

export const seedFile = (cluster: string, vm: Vm): string => join(folderOf(cluster), `${vm.name}.seed`);

/** The disk with the images that all VMs of a cluster have from the start. */
export const storeFile = (cluster: string): string => join(folderOf(cluster), 'store.raw');

export const nodeVm = (cluster: string, vm: Vm, artifacts: VmArtifacts): NodeVm => {
  const folder = folderOf(cluster);
  const files = filesOf(cluster, vm, artifacts);
  const ssh = sshCommand(folder, vm);
  return {
    name: vm.name,
    console: files.console,
    powerOn: async () => {
      const machine = (await readState(cluster))?.machines[vm.name];
      if (machine !== undefined && (await isAlive(machine))) return;
      await ensureOverlay(files.disk, join(artifacts['vm-image'], diskFile), artifacts);
      await ensureOverlay(files.store, storeFile(cluster), artifacts);
      const command = [...qemuCommand(artifacts.qemu, 'qemu-system-x86_64'), ...qemuArguments(vm, files)];
      const started = await startDetached(command, join(folder, `${vm.name}-qemu.log`));
      await changeState(cluster, (state) => ({ ...state, machines: { ...state.machines, [vm.name]: started } }));
    },
    powerOff: async () => {
      const machine = (await readState(cluster))?.machines[vm.name];
      if (machine !== undefined) await killProcess(machine);
    },
    run: (command) => run([...ssh, command]),
    waitUntilUp: async () => {
      await waitUntilUp(ssh, vm, files.console);
      await run([...ssh, holdMachine]);
    },
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

const waitUntilUp = async (ssh: readonly string[], vm: Vm, console: string): Promise<void> => {
  const deadline = Date.now() + UP_TIMEOUT_MS;
  while ((await tryRun([...ssh, 'true'])).code !== 0) {
    if (Date.now() > deadline) {
      throw new Error(`Cannot reach ${vm.name}: it takes no commands after ${UP_TIMEOUT_MS / 1000} s. See ${console}.`);
    }
    await sleep(500);
  }
};
